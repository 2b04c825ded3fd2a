using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.External.Attempts;

/// <summary>Attempts on their way through a provider: begun here, and used once by the browser that began.</summary>
internal sealed class AttemptStore(IdentityDbContext db, TimeProvider time)
{
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private const int StateLength = 43;

    /// <summary>Begins an attempt. Saves.</summary>
    /// <param name="context">The request of the browser.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="session">The session that is signed in; null for a sign-in.</param>
    /// <param name="returnUrl">Where to go afterwards: a path of ours.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The attempt and its state.</returns>
    internal async Task<(SignInAttempt Attempt, string State)> BeginAsync(
        HttpContext context, string provider, SignInPurpose purpose, UserSession? session, string returnUrl, CancellationToken cancellationToken)
    {
        var state = Secrets.Create();
        var attempt = SignInAttempt.Begin(
            Secrets.Hash(state), Secrets.Hash(ExternalCookies.BrowserSecret(context, Lifetime)), provider, purpose, session, nonce: Secrets.Create(),
            codeVerifier: Secrets.Create(), returnUrl, time.GetUtcNow() + Lifetime);
        db.SignInAttempts.Add(attempt);
        await db.SaveChangesAsync(cancellationToken);
        return (attempt, state);
    }

    /// <summary>
    /// Uses an attempt up, in one statement: of two answers that carry the same state at the same time, one gets it. What comes from another browser
    /// uses nothing up.
    /// </summary>
    /// <param name="context">The request of the browser.</param>
    /// <param name="provider">The provider whose callback was called: an attempt at another one is not found.</param>
    /// <param name="state">What the provider sent back.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The attempt, or why there is none.</returns>
    internal async Task<(SignInAttempt? Attempt, ExternalProblem Problem)> ConsumeAsync(
        HttpContext context, string provider, string? state, CancellationToken cancellationToken)
    {
        if (state is not { Length: StateLength })
        {
            return (null, ExternalProblem.Expired);
        }

        var stateHash = Secrets.Hash(state);
        var now = time.GetUtcNow();
        var browser = ExternalCookies.FindBrowserSecret(context);
        if (browser is not null)
        {
            var browserHash = Secrets.Hash(browser);
            var consumed = await db.SignInAttempts
                .FromSql($"UPDATE sign_in_attempts SET consumed_at = {now} WHERE state_hash = {stateHash} AND browser_hash = {browserHash} AND provider = {provider} AND consumed_at IS NULL AND expires_at > {now} RETURNING *")
                .AsNoTracking()
                .ToListAsync(cancellationToken);
            if (consumed is [var attempt])
            {
                return (attempt, default);
            }
        }

        var found = await db.SignInAttempts.AsNoTracking()
            .SingleOrDefaultAsync(attempt => attempt.StateHash == stateHash && attempt.Provider == provider, cancellationToken);
        return (null, found switch
        {
            null => ExternalProblem.Expired,
            _ when !Secrets.Matches(browser, found.BrowserHash) => ExternalProblem.WrongBrowser,
            { ConsumedAt: not null } => ExternalProblem.Replayed,
            _ => ExternalProblem.Expired,
        });
    }
}
