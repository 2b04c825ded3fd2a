using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace BotGeneric.Policy.Counting;

/// <summary>
/// Takes from an account's credits what its windows have been exceeded by, in the order of priority, expiry and age. What a credit has taken over does not count
/// against the window any more.
/// </summary>
internal static class CreditBurning
{
    /// <summary>
    /// The grants that may have to pay for what was used at some times: those that held then. What the compiled account has is not enough: it leaves out what is over by now.
    /// </summary>
    /// <param name="accounts">The accounts.</param>
    /// <param name="from">The earliest of the times.</param>
    /// <param name="to">The latest.</param>
    /// <param name="db">Policy's database.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal static async Task<ILookup<Guid, CreditGrant>> ReadAsync(
        IReadOnlyCollection<Guid> accounts, DateTimeOffset from, DateTimeOffset to, PolicyDbContext db, CancellationToken cancellationToken)
    {
        var grants = await db.Grants.AsNoTracking()
            .Where(grant => accounts.Contains(grant.AccountId) && grant.RevokedAt == null && grant.EffectiveFrom <= to && (grant.ExpiresAt == null || grant.ExpiresAt > from)
                && grant.Burned < grant.Amount)
            .ToListAsync(cancellationToken);
        return grants.ToLookup(grant => grant.AccountId);
    }

    /// <summary>Burns what is to be burnt, in the transaction that has just added usage.</summary>
    /// <param name="account">The account.</param>
    /// <param name="credits">Its grants, see <see cref="ReadAsync"/>.</param>
    /// <param name="times">When something was used: the windows and credits of those moments are meant, however late one hears of it.</param>
    /// <param name="db">Policy's database, in a transaction.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether the account has limits that the grants extend.</returns>
    internal static async Task<bool> BurnAsync(
        CompiledAccount account, IEnumerable<CreditGrant> credits, IEnumerable<DateTimeOffset> times, PolicyDbContext db, CancellationToken cancellationToken)
    {
        var layout = AccountLayout.Of(account);
        LayoutGrant[] grants = [.. PolicyCompiler.InOrder(credits).Where(grant => Array.Exists(layout.Limits, limit => Extends(grant, limit))).Select(grant => new LayoutGrant(grant))];
        HashSet<string> done = [];
        foreach (var time in times)
        {
            // Moments of the same windows and credits are one.
            var windows = layout.Limits.Where(limit => limit.IsWindow).Select(limit => limit.WindowAt(time).Field);
            LayoutGrant[] valid = [.. grants.Where(grant => grant.IsValidAt(time))];
            if (valid.Length > 0 && done.Add(string.Join(',', windows.Concat(valid.Select(grant => grant.Grant.Id.ToString("N"))))))
            {
                await BurnAsync(account, valid, time, db, cancellationToken);
            }
        }

        return grants.Length > 0;
    }

    private static bool Extends(CompiledGrant grant, LayoutLimit limit) => limit.Limit is { IsExtendedByGrants: true, IsShadow: false } && limit.Limit.Unit == grant.Unit;

    private static async Task BurnAsync(CompiledAccount account, LayoutGrant[] valid, DateTimeOffset now, PolicyDbContext db, CancellationToken cancellationToken)
    {
        var layout = AccountLayout.Of(account);
        var transaction = (NpgsqlTransaction)db.Database.CurrentTransaction!.GetDbTransaction();
        foreach (var grants in valid.GroupBy(grant => grant.Grant.Unit))
        {
            var limits = layout.Limits
                .Where(limit => Extends(grants.First().Grant, limit))
                .GroupBy(limit => limit.WindowAt(now).Field)
                .Select(group => group.MinBy(limit => limit.Limit.Maximum)!)
                .ToList();
            // Whoever burns for the account waits here for whoever does already.
            var left = await LockAsync([.. grants], db, cancellationToken);
            var exceeded = new List<(LayoutLimit Limit, decimal By)>();
            foreach (var limit in limits)
            {
                var used = await LedgerSumsReader.UsedAsync(transaction, account.Subject.AccountId, limit, now, cancellationToken);
                exceeded.Add((limit, Math.Max(0, used - Units.Show(grants.Key, limit.Limit.Maximum))));
            }

            var burned = await TakeAsync([.. grants], left, exceeded.Max(pair => pair.By), db, cancellationToken);
            foreach (var (limit, by) in exceeded.Where(pair => pair.By > 0 && burned > 0))
            {
                await db.Database.ExecuteSqlAsync(
                    $"""
                    INSERT INTO covered_windows AS covered (account_id, field, covered)
                    VALUES ({account.Subject.AccountId}, {limit.WindowAt(now).Field}, {Math.Min(by, burned)})
                    ON CONFLICT (account_id, field) DO UPDATE SET covered = covered.covered + excluded.covered
                    """,
                    cancellationToken);
            }
        }
    }

    private static async Task<Dictionary<Guid, decimal>> LockAsync(LayoutGrant[] grants, PolicyDbContext db, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. grants.Select(grant => grant.Grant.Id).Order()];
        var rows = await db.Database.SqlQuery<Left>(
            $"SELECT id, amount - burned AS amount FROM grants WHERE id = ANY ({ids}) AND revoked_at IS NULL ORDER BY id FOR UPDATE").ToListAsync(cancellationToken);
        return rows.ToDictionary(row => row.Id, row => row.Amount);
    }

    private static async Task<decimal> TakeAsync(
        LayoutGrant[] grants, Dictionary<Guid, decimal> left, decimal wanted, PolicyDbContext db, CancellationToken cancellationToken)
    {
        decimal taken = 0;
        foreach (var id in grants.Select(grant => grant.Grant.Id).TakeWhile(_ => taken < wanted))
        {
            var part = Math.Clamp(wanted - taken, 0, Math.Max(0, left.GetValueOrDefault(id)));
            if (part > 0)
            {
                await db.Database.ExecuteSqlAsync($"UPDATE grants SET burned = burned + {part} WHERE id = {id}", cancellationToken);
                taken += part;
            }
        }

        return taken;
    }

    private sealed record Left(Guid Id, decimal Amount);
}
