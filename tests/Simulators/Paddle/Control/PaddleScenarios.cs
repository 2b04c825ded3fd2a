using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Adjustments;
using BotGeneric.Simulators.Paddle.Catalogue;
using BotGeneric.Simulators.Paddle.Checkout;
using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Subscriptions;
using BotGeneric.Simulators.Paddle.Transactions;

namespace BotGeneric.Simulators.Paddle.Control;

/// <summary>What a scenario is played with.</summary>
/// <param name="SubscriptionId">An existing subscription; a new one when left out.</param>
/// <param name="PriceId">What a new one is of; the price that is on sale at the start when left out.</param>
/// <param name="Quantity">How many.</param>
/// <param name="Email">Who buys a new one; somebody new when left out.</param>
/// <param name="Country">Where the buyer is.</param>
/// <param name="CustomData">What the transaction of a new one carries, and with it the subscription.</param>
/// <param name="DunningExhaustedAction"><c>subscription_canceled</c> or <c>subscription_paused</c>; the configured one when left out.</param>
/// <param name="Simulated">
/// As Paddle's own simulator does it: the events carry ids that begin with <c>ntfsimevt_</c>, and nothing of it exists afterwards. Always with
/// a new subscription.
/// </param>
public sealed record ScenarioRequest(
    string? SubscriptionId = null,
    string? PriceId = null,
    int Quantity = 1,
    string? Email = null,
    string Country = "US",
    JsonObject? CustomData = null,
    string? DunningExhaustedAction = null,
    bool Simulated = false);

/// <summary>What a scenario did.</summary>
/// <param name="SubscriptionId">With which subscription.</param>
/// <param name="CustomerId">Of whom.</param>
/// <param name="TransactionId">The subscription's latest transaction.</param>
/// <param name="AdjustmentId">The adjustment that was made; null when none was.</param>
/// <param name="EventTypes">What was told, in order.</param>
public sealed record ScenarioResult(string SubscriptionId, string CustomerId, string TransactionId, string? AdjustmentId, IReadOnlyList<string> EventTypes);

/// <summary>Plays what would otherwise take a month, at once. Guarded by the world's lock.</summary>
internal sealed class PaddleScenarios(
    PaddleWorld world,
    EventLog events,
    LineReader reader,
    TransactionFlow flow,
    CheckoutFlow checkout,
    CheckoutLinks links,
    SubscriptionLifecycle lifecycle,
    DunningProcess dunning,
    AdjustmentFlow adjustments)
{
    /// <summary>The scenarios.</summary>
    public static readonly string[] Names =
    [
        "subscription_creation", "renewal", "dunning_recovered", "dunning_exhausted", "pause", "resume", "cancellation", "refund", "chargeback", "chargeback_reverse",
    ];

    /// <summary>Plays a scenario.</summary>
    /// <returns>What it did, or why it cannot be played.</returns>
    public (ScenarioResult? Result, string? Problem) Play(string name, ScenarioRequest request)
    {
        var told = world.Notifications.All.Count;
        var isCreation = name == "subscription_creation";
        if (request.SubscriptionId is not null && (isCreation || request.Simulated))
        {
            return (null, "A creation and a simulated scenario are played with a new subscription: leave subscriptionId out.");
        }

        try
        {
            events.Mode = request.Simulated ? isCreation ? EventMode.Simulated : EventMode.Silent : EventMode.Real;
            var (subscription, problem) = request.SubscriptionId is { } id
                ? (world.Subscriptions.Find(id), "There is no such subscription.")
                : Buy(request);
            if (subscription is null)
            {
                return (null, problem);
            }

            // What leads up to the scenario is not part of it.
            var refused = isCreation ? null : Prepare(name, subscription);
            if (refused is not null)
            {
                return (null, refused);
            }

            events.Mode = request.Simulated ? EventMode.Simulated : EventMode.Real;
            var adjustment = isCreation ? null : Act(name, subscription, request);
            var latest = world.Transactions.All.Last(row => row.SubscriptionId == subscription.Id).Id;
            if (request.Simulated)
            {
                Forget(subscription);
            }

            return (new ScenarioResult(
                subscription.Id, subscription.CustomerId, latest, adjustment?.Id,
                [.. world.Notifications.All.Skip(told).DistinctBy(row => row.Event.Id).Select(row => row.Event.Type)]), null);
        }
        finally
        {
            events.Mode = EventMode.Real;
        }
    }

    private (Subscription? Subscription, string? Problem) Buy(ScenarioRequest request)
    {
        if (reader.Read([new RequestedItem(request.PriceId ?? CatalogueSeed.MonthlyPriceId, request.Quantity)], out var lines) is { } refusal)
        {
            return (null, refusal.Detail);
        }

        if (lines[0].Price.BillingCycle is null)
        {
            return (null, "The price is not a recurring one.");
        }

        var now = world.Clock.Stamp();
        var transaction = new Transaction
        {
            Id = world.Ids.New("txn"),
            Status = Statuses.Draft,
            Origin = Origins.Web,
            CustomData = PaddleJson.Clone(request.CustomData),
            CurrencyCode = "USD",
            CreatedAt = now,
            UpdatedAt = now,
            Lines = lines,
            Items = [.. lines.Select(line => new TransactionItem(line.Price.Id, line.Price, line.Quantity, null))],
        };
        transaction.Checkout = new CheckoutLink(links.For(transaction.Id));
        flow.Recompute(transaction);
        world.Transactions.Add(transaction);
        flow.Tell(transaction, "created");
        checkout.Identify(transaction, request.Email ?? $"{transaction.Id}@buyer.example", request.Country, postalCode: null);
        checkout.Pay(transaction, CheckoutCard.Works, save: false);
        return (world.Subscriptions.Find(transaction.SubscriptionId), null);
    }

    private string? Prepare(string name, Subscription subscription)
    {
        if (name is "refund" or "chargeback" or "chargeback_reverse")
        {
            if (name == "chargeback_reverse" && Chargeback(subscription) is not null)
            {
                return null;
            }

            if (LatestPaid(subscription) is not { } paid)
            {
                return "The subscription has no completed transaction of which something is left.";
            }

            if (name == "chargeback_reverse")
            {
                adjustments.Create(paid, "chargeback", "full", "chargeback", amounts: null);
            }

            return null;
        }

        if (name == "resume" && subscription.Status == Statuses.Active)
        {
            lifecycle.PauseNow(subscription, resumeAt: null);
        }

        return (name, subscription.Status) switch
        {
            (_, Statuses.Canceled) => "The subscription is canceled.",
            ("resume", not Statuses.Paused) => "Only a paused subscription can be resumed.",
            ("renewal" or "dunning_recovered" or "dunning_exhausted", not (Statuses.Active or Statuses.Trialing)) => $"A subscription that is {subscription.Status} does not renew.",
            ("pause", not (Statuses.Active or Statuses.PastDue)) => $"A subscription that is {subscription.Status} cannot be paused.",
            _ => null,
        };
    }

    private Adjustment? Act(string name, Subscription subscription, ScenarioRequest request)
    {
        switch (name)
        {
            case "renewal":
                lifecycle.RenewNow(subscription);
                return null;
            case "dunning_recovered":
                Fail(subscription);
                // The same card works again.
                dunning.Continue(subscription);
                return null;
            case "dunning_exhausted":
                Fail(subscription);
                dunning.Exhaust(subscription, request.DunningExhaustedAction);
                return null;
            case "pause":
                lifecycle.PauseNow(subscription, resumeAt: null);
                return null;
            case "resume":
                lifecycle.ResumeNow(subscription);
                return null;
            case "cancellation":
                lifecycle.CancelNow(subscription);
                return null;
            case "chargeback":
                return adjustments.Create(LatestPaid(subscription)!, "chargeback", "full", "chargeback", amounts: null);
            case "chargeback_reverse":
                var chargeback = Chargeback(subscription)!;
                adjustments.Reverse(chargeback);
                return chargeback;
            default:
                var refund = adjustments.Create(LatestPaid(subscription)!, "refund", "full", "scenario", amounts: null);
                adjustments.Decide(refund);
                return refund;
        }
    }

    private void Fail(Subscription subscription)
    {
        var card = world.Customers.Find(subscription.CustomerId)!.Card;
        var (declines, always) = (card.Declines, card.AlwaysDeclines);
        card.AlwaysDeclines = true;
        lifecycle.RenewNow(subscription);
        (card.Declines, card.AlwaysDeclines) = (declines, always);
    }

    private Transaction? LatestPaid(Subscription subscription) => world.Transactions.All.LastOrDefault(row =>
        row.SubscriptionId == subscription.Id && row.Status == Statuses.Completed && row.Details.LineItems.Sum(line =>
            Pricing.Parse(line.Totals.Total) - adjustments.Returned(row.Id, line.Id)) > 0);

    private Adjustment? Chargeback(Subscription subscription) => world.Adjustments.Find(world.Adjustments.All.LastOrDefault(row =>
        row.SubscriptionId == subscription.Id && row is { Action: "chargeback", Status: Statuses.Approved })?.Id);

    private void Forget(Subscription subscription)
    {
        foreach (var transaction in world.Transactions.All.Where(row => row.SubscriptionId == subscription.Id).ToArray())
        {
            foreach (var adjustment in world.Adjustments.All.Where(row => row.TransactionId == transaction.Id).ToArray())
            {
                world.Adjustments.Remove(adjustment.Id);
            }

            world.Transactions.Remove(transaction.Id);
        }

        world.Subscriptions.Remove(subscription.Id);
        if (world.Transactions.All.Any(row => row.CustomerId == subscription.CustomerId))
        {
            return;
        }

        foreach (var address in world.Addresses.All.Where(row => row.CustomerId == subscription.CustomerId).ToArray())
        {
            world.Addresses.Remove(address.Id);
        }

        world.Customers.Remove(subscription.CustomerId);
    }
}
