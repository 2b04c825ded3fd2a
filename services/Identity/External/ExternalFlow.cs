using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.External.Linking;
using BotGeneric.Identity.Merging;
using BotGeneric.Identity.Sessions;
using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.External;

/// <summary>Where somebody goes after a proof was shown.</summary>
/// <param name="Path">A path of ours; null when there is a problem.</param>
/// <param name="Problem">What is wrong.</param>
internal readonly record struct Next(string? Path, ExternalProblem Problem)
{
    public static implicit operator Next(string path) => new(path, default);

    public static implicit operator Next(ExternalProblem problem) => new(null, problem);
}

/// <summary>What a proof leads to: a sign-in, an account, a link, a confirmation.</summary>
internal sealed class ExternalFlow(
    ExternalAccounts accounts, MergeIntents merges, PendingLinks pending, SignInFlow signIn, SessionService sessions, IdentityDbContext db, TimeProvider time,
    IOptions<UserSessionOptions> options)
{
    internal const string LinksPath = "/account/links";
    internal const string PendingPath = "/account/links/pending";

    /// <summary>Signs in; makes an account for somebody new.</summary>
    /// <param name="context">The request.</param>
    /// <param name="proof">Who it is.</param>
    /// <param name="returnUrl">Where to go afterwards: a path of ours.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<Next> SignInAsync(HttpContext context, ExternalProof proof, string returnUrl, CancellationToken cancellationToken)
    {
        var (userId, problem) = await accounts.FindAsync(proof, cancellationToken);
        if (userId is null && problem is null)
        {
            if (await context.GetCurrentSessionAsync() is not null)
            {
                // Somebody with an account shows an identity that nobody has: a second account is hardly what they want.
                pending.Keep(context, proof);
                return PendingPath;
            }

            (userId, problem) = await accounts.RegisterAsync(proof, PageLanguage.Current, cancellationToken);
        }

        if (problem is { } reason)
        {
            if (reason is ExternalProblem.EmailKnown)
            {
                pending.Keep(context, proof);
            }

            return reason;
        }

        var user = await db.Users.SingleAsync(candidate => candidate.Id == userId, cancellationToken);
        return await signIn.ContinueAsync(context, user, [proof.Provider], returnUrl, cancellationToken);
    }

    /// <summary>Links an identity to the account of the session in which the attempt began.</summary>
    /// <param name="context">The request.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="proof">The identity.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<Next> LinkAsync(HttpContext context, SignInAttempt attempt, ExternalProof proof, CancellationToken cancellationToken)
    {
        if (await context.GetCurrentSessionAsync() is not { } current || current.Session.Id != attempt.SessionId)
        {
            return ExternalProblem.SignedOut;
        }

        // The time at the provider counts too: it can be longer than what was left.
        if (current.ConfirmationNeeded(time, options.Value, PendingPath) is { } confirmation)
        {
            pending.Keep(context, proof);
            return confirmation;
        }

        return await LinkAsync(current, proof, time.GetUtcNow(), cancellationToken);
    }

    /// <summary>Links an identity to the account of a session that is fresh. One that is another account's is an offer to make one account of two.</summary>
    /// <param name="current">Who is signed in.</param>
    /// <param name="proof">The identity.</param>
    /// <param name="provedAt">When it was proved, UTC.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<Next> LinkAsync(CurrentSession current, ExternalProof proof, DateTimeOffset provedAt, CancellationToken cancellationToken)
    {
        var (ownerId, problem) = await accounts.LinkAsync(current.User.Id, proof, cancellationToken);
        if (problem is ExternalProblem.Taken && ownerId is { } other)
        {
            return await merges.OfferAsync(current, other, proof, provedAt, cancellationToken);
        }

        return problem is { } reason ? reason : $"{LinksPath}?done=linked&provider={proof.Provider}";
    }

    /// <summary>Notes that the person of a session showed the credential again.</summary>
    /// <param name="context">The request.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="proof">Who was seen.</param>
    /// <param name="authenticatedAt">When the provider says that the person signed in there, UTC; null when it says nothing.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<Next> ConfirmAsync(
        HttpContext context, SignInAttempt attempt, ExternalProof proof, DateTimeOffset? authenticatedAt, CancellationToken cancellationToken)
    {
        if (await context.GetCurrentSessionAsync() is not { } current || current.Session.Id != attempt.SessionId)
        {
            return ExternalProblem.SignedOut;
        }

        var (userId, problem) = await accounts.FindAsync(proof, cancellationToken);
        if (problem is { } reason)
        {
            return reason;
        }

        if (userId != current.User.Id)
        {
            return ExternalProblem.WrongPerson;
        }

        // A provider that does not say when may have asked for nothing but a click. That counts only for somebody who has nothing better to show.
        if (authenticatedAt is { } at ? time.GetUtcNow() - at > options.Value.Fresh + TimeSpan.FromMinutes(1) : await HasOwnCredentialAsync(current, cancellationToken))
        {
            return ExternalProblem.NotRecent;
        }

        await sessions.ConfirmAsync(current, [proof.Provider], cancellationToken);
        return attempt.ReturnUrl;
    }

    private async Task<bool> HasOwnCredentialAsync(CurrentSession current, CancellationToken cancellationToken) =>
        current.User.PasswordHash is not null || current.User.TwoFactorEnabled
        || await db.Set<IdentityUserPasskey<Guid>>().AnyAsync(passkey => passkey.UserId == current.User.Id, cancellationToken);
}
