using System.Text.Json;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;

namespace BotGeneric.Billing.Auditing;

/// <summary>Writes down who did what about money, in the transaction in which it is done.</summary>
internal static class BillingAudit
{
    /// <summary>Adds an entry; the caller saves.</summary>
    /// <param name="db">Billing's database.</param>
    /// <param name="now">Now, UTC.</param>
    /// <param name="actor">The subject of the token.</param>
    /// <param name="action">One of <see cref="BillingActions"/>.</param>
    /// <param name="target">An id or a code.</param>
    /// <param name="accountId">The account that it is about, if it is about one.</param>
    /// <param name="reason">Why.</param>
    /// <param name="details">What was asked, without personal data.</param>
    internal static void Audit(
        this BillingDbContext db,
        DateTimeOffset now,
        string actor,
        string action,
        string target,
        Guid? accountId = null,
        string? reason = null,
        object? details = null) => db.AuditEntries.Add(Entry(now, actor, action, target, accountId, reason, details));

    /// <summary>Makes an entry, for whoever writes it down elsewhere.</summary>
    /// <inheritdoc cref="Audit" />
    internal static BillingAuditEntry Entry(
        DateTimeOffset now,
        string actor,
        string action,
        string target,
        Guid? accountId = null,
        string? reason = null,
        object? details = null) => new()
        {
            Id = Guid.CreateVersion7(now),
            At = now,
            Actor = actor,
            Action = action,
            Target = target,
            AccountId = accountId,
            Reason = reason,
            Details = details is null ? null : JsonSerializer.Serialize(details, JsonColumn.Json),
        };
}

/// <summary>What is written down.</summary>
internal static class BillingActions
{
    internal const string PlanArchived = "plan.archived";
    internal const string SubscribersMoved = "plan.subscribers_moved";
    internal const string CataloguePushed = "catalogue.pushed";
    internal const string CataloguePulled = "catalogue.pulled";
    internal const string SubscriptionComped = "subscription.comped";
    internal const string GiftEnded = "subscription.gift_ended";
    internal const string CustomerLinked = "customer.linked";
    internal const string RefundRequested = "transaction.refund_requested";
    internal const string Refunded = "transaction.refunded";
    internal const string RefundFailed = "transaction.refund_failed";
    internal const string EventRead = "event.read";
    internal const string EventReplayed = "event.replayed";
    internal const string FailedEventsReplayed = "event.failed_replayed";
    internal const string ReconciliationStarted = "reconciliation.started";
}
