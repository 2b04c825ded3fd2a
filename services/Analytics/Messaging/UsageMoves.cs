using BotGeneric.Analytics.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Analytics.Messaging;

/// <summary>Moves what is counted of one account to another. Sums of the installation stay what they were.</summary>
internal static class UsageMoves
{
    public static async Task MoveAsync(this AnalyticsDbContext db, Guid from, Guid to, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            WITH moved AS (DELETE FROM usage_hourly WHERE account_id = {from} RETURNING *)
            INSERT INTO usage_hourly (account_id, hour, feature, model, requests, input_tokens, output_tokens)
            SELECT {to}, hour, feature, model, requests, input_tokens, output_tokens FROM moved ORDER BY hour, feature COLLATE "C", model COLLATE "C"
            ON CONFLICT (account_id, hour, feature, model) DO UPDATE
            SET requests = usage_hourly.requests + excluded.requests,
                input_tokens = usage_hourly.input_tokens + excluded.input_tokens,
                output_tokens = usage_hourly.output_tokens + excluded.output_tokens
            """,
            cancellationToken);
        await db.Subscriptions
            .Where(subscription => subscription.AccountId == from)
            .ExecuteUpdateAsync(row => row.SetProperty(subscription => subscription.AccountId, to), cancellationToken);
    }
}
