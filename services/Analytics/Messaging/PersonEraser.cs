using BotGeneric.Analytics.Data;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Analytics.Messaging;

/// <summary>
/// Moves a person's usage to the account of nobody, so that the totals of the installation stay what they were and nobody's habits can be read from them.
/// </summary>
internal sealed class PersonEraser : IPersonEraser<AnalyticsDbContext>
{
    private static readonly Guid Nobody = Guid.Empty;

    public async Task EraseAsync(Guid userId, AnalyticsDbContext db, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            WITH moved AS (DELETE FROM usage_hourly WHERE account_id = {userId} RETURNING *)
            INSERT INTO usage_hourly (account_id, hour, feature, model, requests, input_tokens, output_tokens)
            SELECT {Nobody}, hour, feature, model, requests, input_tokens, output_tokens FROM moved ORDER BY hour, feature, model
            ON CONFLICT (account_id, hour, feature, model) DO UPDATE
            SET requests = usage_hourly.requests + excluded.requests,
                input_tokens = usage_hourly.input_tokens + excluded.input_tokens,
                output_tokens = usage_hourly.output_tokens + excluded.output_tokens
            """,
            cancellationToken);
        await db.Subscriptions
            .Where(subscription => subscription.AccountId == userId)
            .ExecuteUpdateAsync(row => row.SetProperty(subscription => subscription.AccountId, Nobody), cancellationToken);
    }
}
