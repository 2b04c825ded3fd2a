using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.SecondFactors;
using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.External;
using BotGeneric.Identity.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Merging;

/// <summary>What came of a second factor of the account that is to be absorbed.</summary>
/// <param name="IsRight">Whether it was right.</param>
/// <param name="Wait">How long to wait before another attempt.</param>
/// <param name="IsOver">Whether there were too many attempts, and the merge begins anew.</param>
internal readonly record struct SecondFactorShown(bool IsRight, TimeSpan? Wait = null, bool IsOver = false);

/// <summary>Offers to make one account of two: kept here, bound to the session that was signed in, for one use and only while both proofs are fresh.</summary>
internal sealed class MergeIntents(
    IdentityDbContext db, SecondFactors factors, SignInThrottle throttle, AuditTrail audit, IOptions<UserSessionOptions> options, TimeProvider time)
{
    /// <summary>Offers a merge to somebody who proved an identity of another account. Saves.</summary>
    /// <param name="current">Who is signed in: the account that would stay.</param>
    /// <param name="otherId">Whose the identity is.</param>
    /// <param name="proof">The identity.</param>
    /// <param name="provedAt">When it was proved, UTC.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The page of the offer, or why there is none.</returns>
    internal async Task<Next> OfferAsync(
        CurrentSession current, Guid otherId, ExternalProof proof, DateTimeOffset provedAt, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var expiresAt = provedAt + options.Value.Fresh;
        if (expiresAt <= now)
        {
            return ExternalProblem.Taken;
        }

        var (provider, subject, providerUserId) = (proof.Provider, proof.Subject, proof.ProviderUserId);
        var identity = await db.ExternalIdentities.AsNoTracking().FirstOrDefaultAsync(
            candidate => candidate.UserId == otherId && candidate.Provider == provider
                && ((subject != null && candidate.Subject == subject) || (providerUserId != null && candidate.ProviderUserId == providerUserId)),
            cancellationToken);
        var other = await db.Users.AsNoTracking().SingleAsync(user => user.Id == otherId, cancellationToken);
        if (identity is null || !MergeRules.MayAbsorb(other) || !MergeRules.MayKeep(current.User) || current.Session.IsImpersonation)
        {
            audit.Add(AuditActions.AccountAbsorbed, otherId, outcome: "not-allowed", target: current.User.Id.ToString(), actorId: current.User.Id);
            await db.SaveChangesAsync(cancellationToken);
            return ExternalProblem.CannotMerge;
        }

        var intent = MergeIntent.Offer(current.Session, identity, now, expiresAt);
        db.MergeIntents.Add(intent);
        await db.SaveChangesAsync(cancellationToken);
        return MergePages.PathOf(intent.Id);
    }

    /// <summary>An offer that still stands in a session.</summary>
    /// <param name="current">The session.</param>
    /// <param name="id">The offer.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Null: there is none, or it is of another session, was used, or is too old.</returns>
    internal Task<MergeIntent?> FindAsync(CurrentSession current, Guid id, CancellationToken cancellationToken) => current.Session.IsImpersonation
        ? Task.FromResult<MergeIntent?>(null)
        : Standing(current, id).AsNoTracking().SingleOrDefaultAsync(cancellationToken);

    /// <summary>Tries a second factor of the account that is to be absorbed. Saves.</summary>
    /// <param name="current">The session.</param>
    /// <param name="intent">The offer.</param>
    /// <param name="code">What was typed: a code of the authenticator or a recovery code.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<SecondFactorShown> ShowSecondFactorAsync(
        CurrentSession current, MergeIntent intent, string? code, CancellationToken cancellationToken)
    {
        if (await throttle.TryBeginAsync(ThrottleRule.SecondFactorOfOneSignIn, intent.Id.ToString()) is not null)
        {
            await GiveUpAsync(current, intent.Id, cancellationToken);
            return new SecondFactorShown(IsRight: false, IsOver: true);
        }

        var key = intent.AbsorbedUserId.ToString();
        if (await throttle.TryBeginAsync(ThrottleRule.SecondFactor, key) is { } wait)
        {
            return new SecondFactorShown(IsRight: false, wait);
        }

        var other = await db.Users.AsNoTracking().SingleAsync(user => user.Id == intent.AbsorbedUserId, cancellationToken);
        if (!await factors.UseTotpAsync(other, code, cancellationToken) && !await factors.UseRecoveryCodeAsync(other, code, cancellationToken))
        {
            audit.Add(
                AuditActions.AccountAbsorbed, other.Id, outcome: "wrong-second-factor", target: current.User.Id.ToString(), actorId: current.User.Id);
            await db.SaveChangesAsync(cancellationToken);
            return new SecondFactorShown(IsRight: false);
        }

        await throttle.ForgetAsync(ThrottleRule.SecondFactor, key);
        var now = time.GetUtcNow();
        await Standing(current, intent.Id).ExecuteUpdateAsync(row => row.SetProperty(one => one.SecondFactorAt, now), cancellationToken);
        return new SecondFactorShown(IsRight: true);
    }

    /// <summary>Gives an offer up; giving up what is over changes nothing.</summary>
    /// <param name="current">The session.</param>
    /// <param name="id">The offer.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal Task GiveUpAsync(CurrentSession current, Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return Standing(current, id).ExecuteUpdateAsync(row => row.SetProperty(one => one.ConsumedAt, now), cancellationToken);
    }

    private IQueryable<MergeIntent> Standing(CurrentSession current, Guid id)
    {
        var (session, user, now) = (current.Session.Id, current.User.Id, time.GetUtcNow());
        return db.MergeIntents.Where(intent => intent.Id == id && intent.SessionId == session && intent.KeptUserId == user
            && intent.ConsumedAt == null && intent.ExpiresAt > now);
    }
}

/// <summary>Which accounts may become one.</summary>
internal static class MergeRules
{
    /// <summary>
    /// Whether the second factor comes along: the account that stays takes the password over and has none of its own. What needed both would need the
    /// password alone afterwards.
    /// </summary>
    internal static bool MovesSecondFactor(User kept, User absorbed) => kept is { Email: null, TwoFactorEnabled: false } && absorbed is { Email: not null, TwoFactorEnabled: true };

    /// <summary>Whether an account may take another one in: not one that is locked or going.</summary>
    internal static bool MayKeep(User user) => user is { MaySignIn: true, DeletionRequestedAt: null };

    /// <summary>Whether an account may become part of another one: nor one of those who run the system, whose rights are not to change hands so.</summary>
    internal static bool MayAbsorb(User user) => MayKeep(user) && user.Roles.Count == 0;
}
