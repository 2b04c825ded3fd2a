using System.Text.Json;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Messaging;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Paddle;

/// <summary>
/// Applies every <c>subscription.*</c> event. All of them carry the full entity, so one rule serves all: take the snapshot over
/// unless a later one is there.
/// </summary>
/// <param name="db">Billing's database.</param>
/// <param name="outbox">Tells the other services.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Says which price no plan knows.</param>
public sealed partial class SubscriptionEventHandler(
    BillingDbContext db, IOutbox outbox, TimeProvider timeProvider, ILogger<SubscriptionEventHandler> logger)
{
    /// <summary>Applies the event to the tracked entities; the caller saves.</summary>
    /// <param name="paddleEvent">The event.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <returns>Applied, or superseded when later news was there.</returns>
    /// <exception cref="JsonException">The entity lacks what every subscription has.</exception>
    public async Task<WebhookEventStatus> HandleAsync(PaddleEvent paddleEvent, CancellationToken cancellationToken)
    {
        var data = paddleEvent.Data.Deserialize<PaddleSubscription>(PaddleEvent.Json)
            ?? throw new JsonException("The event has no subscription.");
        var accountId = await FindAccountAsync(data, cancellationToken);
        var subscription = await db.Subscriptions.SingleOrDefaultAsync(row => row.PaddleId == data.Id, cancellationToken);
        if (subscription is null)
        {
            subscription = Subscription.Track(Guid.CreateVersion7(timeProvider.GetUtcNow()), data.Id, data.CustomerId, accountId, isLinked: false);
            db.Subscriptions.Add(subscription);
        }

        var status = StatusOf(data.Status);
        var version = SnapshotVersion.Of(paddleEvent.OccurredAt, paddleEvent.OccurredAt, (int)status, paddleEvent.EventId);
        var state = SubscriptionState.Unknown with
        {
            Status = status,
            RawStatus = data.Status,
            Items = [.. data.Items.Select(item => new SubscriptionItem(item.Price.Id, null, null, 1, new Money(0, "USD"), null, null))],
            PeriodStart = data.CurrentBillingPeriod?.StartsAt.ToUniversalTime(),
            PeriodEnd = data.CurrentBillingPeriod?.EndsAt.ToUniversalTime(),
        };
        if (!subscription.Apply(version, state, await FindPlanAsync(data, cancellationToken)))
        {
            return WebhookEventStatus.Superseded;
        }

        subscription.Derive(new SubscriptionCircumstances(null, TimeSpan.FromDays(7), false, null, null), timeProvider.GetUtcNow());
        outbox.Add(db, subscription.ToEvent(Guid.CreateVersion7(timeProvider.GetUtcNow())), orderingKey: subscription.Id.ToString());
        return WebhookEventStatus.Applied;
    }

    private static SubscriptionStatus StatusOf(string paddleStatus) => paddleStatus switch
    {
        "trialing" => SubscriptionStatus.Trialing,
        "active" => SubscriptionStatus.Active,
        "past_due" => SubscriptionStatus.PastDue,
        "paused" => SubscriptionStatus.Paused,
        "canceled" => SubscriptionStatus.Canceled,
        _ => SubscriptionStatus.Unknown,
    };

    private async Task<Guid> FindAccountAsync(PaddleSubscription data, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var known = await db.Customers.FindAsync([data.CustomerId], cancellationToken);
        // A payer whom no checkout of ours has linked gets an account of their own, so that what they paid for is never lost.
        var named = known?.AccountId ?? AccountIn(data.CustomData) ?? Guid.CreateVersion7(now);
        // A checkout may have begun, or the payer been read, before the account became part of another one.
        var accountId = (await AccountAliases.ResolveAsync(db, [named], cancellationToken)).Of(named);
        if (known is null)
        {
            known = Customer.Track(data.CustomerId, now);
            known.MoveTo(accountId, isLinked: false);
            db.Customers.Add(known);
        }

        return accountId;
    }

    private static Guid? AccountIn(JsonElement? customData) =>
        customData is { ValueKind: JsonValueKind.Object } data
        && data.TryGetProperty("accountId", out var account)
        && account.ValueKind == JsonValueKind.String
        && account.TryGetGuid(out var id)
            ? id
            : null;

    // The plan follows from what was bought, never from what the buyer's browser says was bought.
    private async Task<Plan?> FindPlanAsync(PaddleSubscription data, CancellationToken cancellationToken)
    {
        var priceIds = data.Items.Select(item => item.Price.Id).ToArray();
        var plans = await db.Plans
            .Include(plan => plan.Prices)
            .Where(plan => plan.Prices.Any(price => priceIds.Contains(price.PaddleId!)))
            .ToListAsync(cancellationToken);
        if (plans.Count == 0)
        {
            LogUnknownPrices(logger, data.Id, string.Join(", ", priceIds));
        }

        return plans.MinBy(plan => Array.FindIndex(priceIds, id => plan.Prices.Exists(price => price.PaddleId == id)));
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Subscription {Subscription} has no price of a known plan ({Prices}); it grants nothing until a plan names one of them")]
    private static partial void LogUnknownPrices(ILogger logger, string subscription, string prices);
}
