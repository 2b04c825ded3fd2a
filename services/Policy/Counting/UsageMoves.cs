using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Counting;

/// <summary>Moves what was counted from one account or person to another, or to nobody.</summary>
internal static class UsageMoves
{
    /// <summary>What an account has used becomes another one's.</summary>
    internal static async Task MoveAccountAsync(Guid absorbed, Guid kept, PolicyDbContext db, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            WITH moved AS (DELETE FROM usage_counters WHERE account_id = {absorbed} RETURNING *)
            INSERT INTO usage_counters AS counter (account_id, meter, bucket, user_id, api_key_id, feature, model, channel, used)
            SELECT {kept}, meter, bucket, user_id, api_key_id, feature, model, channel, used FROM moved
             ORDER BY meter COLLATE "C", bucket, user_id, api_key_id COLLATE "C", feature COLLATE "C", model COLLATE "C", channel COLLATE "C"
            ON CONFLICT (account_id, meter, bucket, user_id, api_key_id, feature, model, channel) DO UPDATE SET used = counter.used + excluded.used
            """,
            cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
            WITH moved AS (DELETE FROM covered_windows WHERE account_id = {absorbed} RETURNING *)
            INSERT INTO covered_windows AS covered (account_id, field, covered) SELECT {kept}, field, covered FROM moved ORDER BY field COLLATE "C"
            ON CONFLICT (account_id, field) DO UPDATE SET covered = covered.covered + excluded.covered
            """,
            cancellationToken);
        await db.CounterVersions.Where(version => version.AccountId == absorbed).ExecuteDeleteAsync(cancellationToken);
        await db.LimitNotices.Where(notice => notice.AccountId == absorbed).ExecuteDeleteAsync(cancellationToken);
        await db.LedgerDifferences.Where(row => row.AccountId == absorbed).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>What a person has used, in whatever account, becomes another one's; the nil UUID: nobody's.</summary>
    /// <returns>The accounts in which the person has used something.</returns>
    internal static async Task<IReadOnlyList<Guid>> MovePersonAsync(Guid from, Guid to, PolicyDbContext db, CancellationToken cancellationToken)
    {
        var accounts = await db.UsageCounters.Where(counter => counter.UserId == from).Select(counter => counter.AccountId).Distinct().Order().ToListAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
            WITH moved AS (DELETE FROM usage_counters WHERE user_id = {from} RETURNING *)
            INSERT INTO usage_counters AS counter (account_id, meter, bucket, user_id, api_key_id, feature, model, channel, used)
            SELECT account_id, meter, bucket, {to}, api_key_id, feature, model, channel, used FROM moved
             ORDER BY account_id, meter COLLATE "C", bucket, api_key_id COLLATE "C", feature COLLATE "C", model COLLATE "C", channel COLLATE "C"
            ON CONFLICT (account_id, meter, bucket, user_id, api_key_id, feature, model, channel) DO UPDATE SET used = counter.used + excluded.used
            """,
            cancellationToken);
        return accounts;
    }

    /// <summary>Counts the targets of an account on, so that its live counters notice that their sums are old.</summary>
    /// <param name="account">The account.</param>
    /// <param name="person">The person whose sums in it changed.</param>
    /// <param name="now">Now, UTC.</param>
    /// <param name="db">Policy's database, in a transaction.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal static async Task<IReadOnlyList<CountedTarget>> AdvanceAsync(
        Guid account, Guid person, DateTimeOffset now, PolicyDbContext db, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO counter_versions AS version (account_id, target, version, touched_at)
            SELECT {account}, target, {CounterVersion.FirstAt(now)}, {now} FROM unnest({new[] { "a", $"u{person:N}" }}) AS target ORDER BY target COLLATE "C"
            ON CONFLICT (account_id, target) DO UPDATE SET version = version.version + 1, touched_at = excluded.touched_at
            """,
            cancellationToken);
        var versions = await db.CounterVersions.AsNoTracking().Where(version => version.AccountId == account).ToListAsync(cancellationToken);
        return [.. versions.Select(version => new CountedTarget(version.Target, string.Empty, version.Version, new Dictionary<string, long>()))];
    }
}
