using BotGeneric.Identity.Data;
using BotGeneric.Identity.Sessions;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BotGeneric.Identity.Merging;

/// <summary>How a merge ended.</summary>
internal enum MergeOutcome
{
    /// <summary>There is one account now.</summary>
    Merged,

    /// <summary>The offer was used, given up, is too old or of another session; or the identity has changed hands since.</summary>
    Over,

    /// <summary>One of the accounts may not take part, or not any more.</summary>
    NotAllowed,

    /// <summary>The absorbed account has a second factor, which was not shown.</summary>
    SecondFactorNeeded,
}

/// <summary>
/// Makes one account of two, in one transaction in a context of its own. Rows are locked in the order in which everybody locks them, organizations before
/// people and each by id; so of two merges that cross, one waits and then finds that its account is no more.
/// </summary>
internal sealed class AccountMerger(IServiceScopeFactory scopes)
{
    private const int Tries = 5;

    /// <summary>Carries out an offer.</summary>
    /// <param name="current">The session of the account that stays.</param>
    /// <param name="intentId">The offer.</param>
    /// <param name="cancellationToken">Cancels; nothing has happened then.</param>
    internal async Task<MergeOutcome> MergeAsync(CurrentSession current, Guid intentId, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<IdentityDbContext>();
            try
            {
                // A transaction that is not committed is rolled back when the context goes.
                await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
                var outcome = await MergeAsync(scope.ServiceProvider, db, current.Session.Id, current.User.Id, intentId, cancellationToken);
                if (outcome is MergeOutcome.Merged)
                {
                    await transaction.CommitAsync(cancellationToken);
                }

                if (outcome is not null)
                {
                    return outcome.Value;
                }
            }
            catch (Exception exception) when (attempt < Tries && WasOvertaken(exception))
            {
            }

            if (attempt >= Tries)
            {
                throw new InvalidOperationException("The organizations of two people went on changing while they were to be locked.");
            }
        }
    }

    // Null: to be tried again.
    private static async Task<MergeOutcome?> MergeAsync(
        IServiceProvider services, IdentityDbContext db, Guid sessionId, Guid keptId, Guid intentId, CancellationToken cancellationToken)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var intent = await db.MergeIntents.AsNoTracking()
            .SingleOrDefaultAsync(row => row.Id == intentId && row.SessionId == sessionId && row.KeptUserId == keptId, cancellationToken);
        if (intent is null)
        {
            return MergeOutcome.Over;
        }

        Guid[] people = [keptId, intent.AbsorbedUserId];
        var organizations = await OrganizationsOfAsync(db, people, cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM organizations WHERE id = ANY ({organizations}) ORDER BY id FOR NO KEY UPDATE", cancellationToken);
        // Alone with both: also what refers to one of them (a link, a key, a membership) waits.
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM users WHERE id = ANY ({people}) ORDER BY id FOR UPDATE", cancellationToken);
        if ((await OrganizationsOfAsync(db, people, cancellationToken)).Except(organizations).Any())
        {
            return null;
        }

        var used = await db.MergeIntents
            .Where(row => row.Id == intentId && row.ConsumedAt == null && row.ExpiresAt > now)
            .ExecuteUpdateAsync(row => row.SetProperty(one => one.ConsumedAt, now), cancellationToken);
        var kept = await db.Users.SingleAsync(user => user.Id == keptId, cancellationToken);
        var absorbed = await db.Users.SingleAsync(user => user.Id == intent.AbsorbedUserId, cancellationToken);
        if (used == 0
            || !await db.Sessions.AnyAsync(session => session.Id == sessionId && session.RevokedAt == null, cancellationToken)
            || !await db.ExternalIdentities.AnyAsync(identity => identity.Id == intent.IdentityId && identity.UserId == absorbed.Id, cancellationToken))
        {
            return MergeOutcome.Over;
        }

        if (!MergeRules.MayKeep(kept) || !MergeRules.MayAbsorb(absorbed))
        {
            return MergeOutcome.NotAllowed;
        }

        if (absorbed.TwoFactorEnabled && intent.SecondFactorAt is null)
        {
            return MergeOutcome.SecondFactorNeeded;
        }

        await services.GetRequiredService<AccountMove>().MoveAsync(kept, absorbed, cancellationToken);
        return MergeOutcome.Merged;
    }

    private static Task<Guid[]> OrganizationsOfAsync(IdentityDbContext db, Guid[] people, CancellationToken cancellationToken) => db.Memberships
        .Where(membership => people.Contains(membership.UserId))
        .Select(membership => membership.OrganizationId)
        .Distinct()
        .ToArrayAsync(cancellationToken);

    private static bool WasOvertaken(Exception exception) =>
        exception is DbUpdateConcurrencyException
        || (exception as PostgresException ?? exception.InnerException as PostgresException)?.SqlState
            is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected;
}
