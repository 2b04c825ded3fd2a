using System.Globalization;
using System.Text;
using System.Text.Json;
using BotGeneric.Billing.Data;
using BotGeneric.Contracts;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Messaging;
using BotGeneric.Messaging.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>
/// Everything that is known of a payer and everything that the others were told, in words that do not depend on ids: two payers with the same life look the same.
/// </summary>
internal static class Picture
{
    /// <summary>Draws a payer.</summary>
    public static async Task<string> DrawAsync(BillingDbContext db, PaddleStory story, string prefix, Guid? account)
    {
        var lines = new StringBuilder();
        string Whose(Guid? id) => id is null ? "nobody" : id == account ? "the account" : "made up";
        var subscriptions = await db.Subscriptions.AsNoTracking().Where(row => story.Subscriptions.Contains(row.PaddleId!)).OrderBy(row => row.PaddleId).ToListAsync();
        foreach (var row in subscriptions)
        {
            lines.AppendLine(CultureInfo.InvariantCulture, $"{row.PaddleId} by {row.CustomerId} for {Whose(row.AccountId)} {row.IsLinked} primary {row.IsPrimary} plan {row.PlanCode} {row.PlanVersion} of {row.Product}");
            lines.AppendLine(CultureInfo.InvariantCulture, $"  access {row.GrantsAccess} disputed {row.IsChargedBack} due {row.PastDueSince:O} until {row.GraceEndsAt:O} paid {row.PaidPeriodStart:O} {row.PaidPeriodEnd:O} at {row.LastEventAt:O} {row.LastUpdatedAt:O}");
            lines.AppendLine("  " + JsonSerializer.Serialize(row.State));
        }

        foreach (var row in await db.Transactions.AsNoTracking().Where(row => row.PaddleId.Contains(prefix)).OrderBy(row => row.PaddleId).ToListAsync())
        {
            lines.AppendLine(CultureInfo.InvariantCulture, $"{row.PaddleId} for {Whose(row.AccountId)} completed {row.CompletedAt:O} told {row.IsPaymentAnnounced} {JsonSerializer.Serialize(row.Failures)}");
            lines.AppendLine("  " + JsonSerializer.Serialize(row.State));
        }

        foreach (var row in await db.Adjustments.AsNoTracking().Where(row => row.PaddleId.Contains(prefix)).OrderBy(row => row.PaddleId).ToListAsync())
        {
            lines.AppendLine(CultureInfo.InvariantCulture, $"{row.PaddleId} for {Whose(row.AccountId)} told {row.IsAnnounced} back {row.AnnouncedReturn} {JsonSerializer.Serialize(row.State)}");
        }

        foreach (var row in await db.PaymentMethods.AsNoTracking().Where(row => row.CustomerId == story.Customer).OrderBy(row => row.PaddleId).ToListAsync())
        {
            lines.AppendLine(CultureInfo.InvariantCulture, $"{row.PaddleId} deleted {row.DeletedAt:O}");
        }

        var customer = await db.Customers.AsNoTracking().SingleAsync(row => row.PaddleId == story.Customer);
        lines.AppendLine(CultureInfo.InvariantCulture, $"{customer.PaddleId} {customer.Email} for {Whose(customer.AccountId)} {customer.IsLinked}");

        var ids = subscriptions.ToDictionary(row => row.Id, row => row.PaddleId);
        string? Name(Guid? id) => id is { } known ? ids[known] : null;
        foreach (var last in (await ToldAsync<SubscriptionChanged>(db)).Where(told => ids.ContainsKey(told.SubscriptionId)).GroupBy(told => told.SubscriptionId).OrderBy(group => ids[group.Key], StringComparer.Ordinal))
        {
            var told = last.MaxBy(one => one.Revision)!;
            Assert.Equal(told.AccountId, subscriptions.Single(row => row.Id == last.Key).AccountId);
            Assert.Distinct(last.Select(one => one.Revision));
            lines.AppendLine($"last told {Name(last.Key)} {JsonSerializer.Serialize(told with { EventId = default, OccurredAt = default, Revision = 0, AccountId = default, SubscriptionId = default })}");
        }

        foreach (var told in await PaymentsAsync(db, prefix))
        {
            lines.AppendLine(CultureInfo.InvariantCulture, $"paid {told.TransactionId} {Name(told.SubscriptionId)} for {Whose(told.AccountId)} {told.PlanCode} {told.Amount} {told.Currency} {told.Origin} {told.CountsAsRevenue} {told.PeriodStart:O} {told.PeriodEnd:O} {told.InvoiceNumber}");
        }

        foreach (var told in (await ToldAsync<PaymentFailed>(db)).Where(told => told.TransactionId.Contains(prefix, StringComparison.Ordinal)).OrderBy(told => told.OccurredAt))
        {
            lines.AppendLine(CultureInfo.InvariantCulture, $"failed {told.TransactionId} {Name(told.SubscriptionId)} {told.OccurredAt:O} {told.Amount} {told.ErrorCode}");
        }

        foreach (var told in await RefundsAsync(db, prefix))
        {
            lines.AppendLine(CultureInfo.InvariantCulture, $"back {told.AdjustmentId} of {told.TransactionId} {Name(told.SubscriptionId)} {told.Action} {told.Amount} {told.Currency}");
        }

        return lines.ToString().Replace(prefix, "*", StringComparison.Ordinal);
    }

    public static async Task<List<PaymentCompleted>> PaymentsAsync(BillingDbContext db, string prefix) =>
        [.. (await ToldAsync<PaymentCompleted>(db)).Where(told => told.TransactionId.Contains(prefix, StringComparison.Ordinal)).OrderBy(told => told.TransactionId, StringComparer.Ordinal)];

    public static async Task<List<PaymentRefunded>> RefundsAsync(BillingDbContext db, string prefix) =>
        [.. (await ToldAsync<PaymentRefunded>(db)).Where(told => told.TransactionId.Contains(prefix, StringComparison.Ordinal)).OrderBy(told => told.AdjustmentId, StringComparer.Ordinal)];

    /// <summary>What stands in the outbox.</summary>
    public static async Task<List<TEvent>> ToldAsync<TEvent>(BillingDbContext db)
        where TEvent : IIntegrationEvent
    {
        var type = EventName.Of(typeof(TEvent));
        var bodies = await db.Set<OutboxMessage>().AsNoTracking().Where(row => row.Type == type).OrderBy(row => row.Sequence).Select(row => row.Body).ToListAsync();
        return [.. bodies.Select(body => JsonSerializer.Deserialize<TEvent>(body, JsonSerializerOptions.Web)!)];
    }
}
