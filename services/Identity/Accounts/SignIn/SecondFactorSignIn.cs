using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Accounts.SignIn;

/// <summary>What came of a second factor.</summary>
/// <param name="Next">The path of ours to go to; null: refused.</param>
/// <param name="Wait">How long to wait before another attempt.</param>
/// <param name="MustStartOver">Whether signing in begins anew: it is too late, or there were too many attempts.</param>
public sealed record SecondFactorOutcome(string? Next, TimeSpan? Wait = null, bool MustStartOver = false);

/// <summary>The second step of signing in.</summary>
public sealed class SecondFactorSignIn(
    IdentityDbContext db, PendingSignIns pendings, SecondFactors.SecondFactors factors, SignInThrottle throttle, SignInFlow flow, AuditTrail audit)
{
    /// <summary>Tries a code of the authenticator or a recovery code.</summary>
    /// <param name="context">The request.</param>
    /// <param name="code">What was typed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<SecondFactorOutcome> TryAsync(HttpContext context, string? code, CancellationToken cancellationToken)
    {
        if (pendings.Find(context) is not { } pending)
        {
            return new SecondFactorOutcome(null, MustStartOver: true);
        }

        if (await throttle.TryBeginAsync(ThrottleRule.SecondFactorOfOneSignIn, pending.Id.ToString()) is not null)
        {
            await pendings.EndAsync(context, pending, cancellationToken);
            return new SecondFactorOutcome(null, MustStartOver: true);
        }

        if (await throttle.TryBeginAsync(ThrottleRule.SecondFactor, pending.UserId.ToString()) is { } wait)
        {
            return new SecondFactorOutcome(null, wait);
        }

        var user = await db.Users.SingleOrDefaultAsync(candidate => candidate.Id == pending.UserId, cancellationToken);
        if (user is null || user.SecurityStamp != pending.SecurityStamp)
        {
            return new SecondFactorOutcome(null, MustStartOver: true);
        }

        if (await factors.UseAsync(user, code, cancellationToken) is not { } shown)
        {
            audit.Add(AuditActions.SignedIn, user.Id, outcome: "wrong-second-factor", actorId: user.Id);
            await db.SaveChangesAsync(cancellationToken);
            return new SecondFactorOutcome(null);
        }

        if (!await pendings.EndAsync(context, pending, cancellationToken))
        {
            return new SecondFactorOutcome(null, MustStartOver: true);
        }

        await throttle.ForgetAsync(ThrottleRule.SecondFactor, user.Id.ToString());
        string[] methods = [.. pending.Methods, .. shown];
        return new SecondFactorOutcome(await flow.ContinueAsync(context, user, methods, pending.ReturnUrl, cancellationToken));
    }
}
