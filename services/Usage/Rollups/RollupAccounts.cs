using BotGeneric.Usage.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Usage.Rollups;

/// <summary>Moves and erases rollups with the entries that they were made of. Nothing is folded while it happens.</summary>
internal static class RollupAccounts
{
    /// <summary>Everything of one account becomes another's, and what one person caused becomes the other's. Safe to repeat.</summary>
    /// <param name="db">The context, in a transaction.</param>
    /// <param name="absorbed">The account that is no more.</param>
    /// <param name="kept">The account that stays.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task MergeAsync(UsageDbContext db, Guid absorbed, Guid kept, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlRawAsync(RollupLock.Take, cancellationToken);
        await db.Database.ExecuteSqlRawAsync(
            Rekey(
                "account_id = {0} OR (user_id = {0} AND user_id <> account_id)",
                "CASE WHEN account_id = {0} THEN {1} ELSE account_id END",
                "CASE WHEN user_id = {0} THEN {1} ELSE user_id END"),
            [absorbed, kept], cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO meter_uniques SELECT {kept}, meter, bucket, is_archived, dimensions, value FROM meter_uniques WHERE account_id = {absorbed} ON CONFLICT DO NOTHING;
            """,
            cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM meter_uniques WHERE account_id = {absorbed}", cancellationToken);
        await db.Database.ExecuteSqlRawAsync(
            $$"""
            {{MeterSql.InsertCells}}
            SELECT {1}, meter, bucket, is_archived, dimensions, events, corrections, total, highest, latest, latest_at, latest_entry_id FROM meter_rollups WHERE account_id = {0}
            {{MeterSql.MergeCells}}
            """,
            [absorbed, kept], cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM meter_rollups WHERE account_id = {absorbed}", cancellationToken);
    }

    /// <summary>What is a person's own goes; in the rollups of organizations nobody in particular has caused it any more. Safe to repeat.</summary>
    /// <param name="db">The context, in a transaction.</param>
    /// <param name="person">The person, which is also the person's own account.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task EraseAsync(UsageDbContext db, Guid person, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlRawAsync(RollupLock.Take, cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM usage_rollups WHERE account_id = {person}", cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM meter_rollups WHERE account_id = {person}", cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM meter_uniques WHERE account_id = {person}", cancellationToken);
        await db.Database.ExecuteSqlRawAsync(Rekey("user_id = {0} AND user_id <> account_id", "account_id", "NULL::uuid"), [person], cancellationToken);
    }

    // The keys that rows are given are never those of rows that are taken away by the same statement: one part of the key is of the other person.
    private static string Rekey(string condition, string account, string user) =>
        $$"""
        WITH taken AS (DELETE FROM usage_rollups WHERE {{condition}} RETURNING *)
        INSERT INTO usage_rollups (account_id, bucket, is_archived, {{RollupSql.Dimensions}}, {{RollupSql.Measures}})
        SELECT {{account}}, bucket, is_archived, {{user}}, api_key_id, feature, channel, provider, model, currency, {{RollupSql.Sums}}
          FROM taken GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
        {{RollupSql.AddCells}}
        """;
}
