using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;

namespace BotGeneric.Billing.Tests.Shop;

public sealed partial class FakePaddle
{
    /// <inheritdoc />
    public Task<PaddleResult<PaddleTransaction>> CreateTransactionAsync(PaddleTransactionCreation transaction, CancellationToken cancellationToken) =>
        Task.FromResult(Change<PaddleTransaction>("create transaction", transaction, () =>
        {
            if (transaction.Items.Any(item => !Prices.ContainsKey(item.PriceId)))
            {
                return Refuse("transaction_price_not_found");
            }

            var now = Now();
            var id = Id("txn");
            var sum = transaction.Items.Sum(item => Prices[item.PriceId].UnitPrice!.ToMinorUnits() * item.Quantity);
            return Transactions[id] = new PaddleTransaction
            {
                Id = id,
                Status = transaction.CustomerId is null ? PaddleTransactionStatuses.Draft : PaddleTransactionStatuses.Ready,
                CustomerId = transaction.CustomerId,
                Origin = PaddleOrigins.Api,
                CollectionMode = "automatic",
                CurrencyCode = transaction.CurrencyCode ?? Prices[transaction.Items[0].PriceId].UnitPrice!.CurrencyCode,
                Items = [.. transaction.Items.Select(item => new PaddleTransactionItem { Price = Prices[item.PriceId], Quantity = item.Quantity })],
                Details = new PaddleTransactionDetails { Totals = TotalsOf(sum) },
                Checkout = new PaddleCheckout($"https://shop.example/pay?_ptxn={id}"),
                CustomData = ToElement(transaction.CustomData),
                CreatedAt = now,
                UpdatedAt = now,
            };
        }));

    /// <inheritdoc />
    public Task<PaddleResult<PaddleTransaction>> UpdateTransactionAsync(string transactionId, PaddleTransactionChange change, CancellationToken cancellationToken) =>
        Task.FromResult(Trouble(transactionId) is { } trouble ? trouble : Change<PaddleTransaction>("update transaction", change, () =>
        {
            if (!Transactions.TryGetValue(transactionId, out var transaction))
            {
                return Refuse("not_found", 404);
            }

            return transaction.Status is PaddleTransactionStatuses.Draft or PaddleTransactionStatuses.Ready
                ? Transactions[transactionId] = transaction with { Status = change.Status ?? transaction.Status, UpdatedAt = Now() }
                : Refuse("transaction_immutable");
        }));

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscription>> UpdateSubscriptionAsync(string subscriptionId, PaddleSubscriptionChange change, CancellationToken cancellationToken) =>
        ChangeSubscription("update subscription", subscriptionId, change, subscription => Check(subscription, change) ?? Ok(WithItems(subscription, change)));

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscriptionPreview>> PreviewSubscriptionAsync(string subscriptionId, PaddleSubscriptionChange change, CancellationToken cancellationToken)
    {
        var read = Read(Subscriptions.GetValueOrDefault(subscriptionId));
        if (read.Failure is { } failure)
        {
            return Task.FromResult<PaddleResult<PaddleSubscriptionPreview>>(failure);
        }

        if (Check(read.Value!, change) is { } refusal)
        {
            return Task.FromResult<PaddleResult<PaddleSubscriptionPreview>>(refusal.Failure!);
        }

        // Half of the period is over.
        var after = WithItems(read.Value!, change);
        var (credit, charge, next) = (Sum(read.Value!) / 2, Sum(after) / 2, Sum(after));
        var isNow = change.ProrationBillingMode is PaddleProrationModes.ProratedImmediately;
        var currency = read.Value!.CurrencyCode!;
        return Task.FromResult<PaddleResult<PaddleSubscriptionPreview>>(new PaddleSubscriptionPreview
        {
            Status = after.Status,
            CurrencyCode = currency,
            NextBilledAt = after.NextBilledAt,
            Items = after.Items,
            ImmediateTransaction = isNow ? new PaddleTransactionPreview(null, new PaddleTransactionDetails { Totals = TotalsOf(Math.Max(0, charge - credit)) }) : null,
            NextTransaction = new PaddleTransactionPreview(null, new PaddleTransactionDetails { Totals = TotalsOf(isNow ? next : next + charge - credit) }),
            RecurringTransactionDetails = new PaddleTransactionDetails { Totals = TotalsOf(next) },
            UpdateSummary = change.ProrationBillingMode == PaddleProrationModes.DoNotBill ? null : new PaddleUpdateSummary
            {
                Credit = new PaddleMoney { Amount = PaddleAmount.FromMinorUnits(-credit), CurrencyCode = currency },
                Charge = new PaddleMoney { Amount = PaddleAmount.FromMinorUnits(charge), CurrencyCode = currency },
                Result = new PaddleUpdateResult(charge >= credit ? "charge" : "credit", PaddleAmount.FromMinorUnits(Math.Abs(charge - credit)), currency),
            },
        });
    }

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscription>> RemoveScheduledChangeAsync(string subscriptionId, CancellationToken cancellationToken) =>
        ChangeSubscription("undo", subscriptionId, null, subscription => Ok(subscription with
        {
            ScheduledChange = null,
            NextBilledAt = subscription.CurrentBillingPeriod?.EndsAt,
        }));

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscription>> PauseSubscriptionAsync(string subscriptionId, PaddlePause pause, CancellationToken cancellationToken) =>
        ChangeSubscription("pause", subscriptionId, pause, subscription =>
            subscription.Status is PaddleSubscriptionStatuses.Active or PaddleSubscriptionStatuses.Trialing
                ? Ok(subscription with
                {
                    NextBilledAt = null,
                    ScheduledChange = new PaddleScheduledChange
                    {
                        Action = PaddleScheduledActions.Pause,
                        EffectiveAt = subscription.CurrentBillingPeriod!.EndsAt,
                        ResumeAt = pause.ResumeAt,
                    },
                })
                : Refuse("subscription_not_active"));

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscription>> ResumeSubscriptionAsync(string subscriptionId, PaddleResume resume, CancellationToken cancellationToken) =>
        ChangeSubscription("resume", subscriptionId, resume, subscription =>
            subscription.Status == PaddleSubscriptionStatuses.Paused
                ? Ok(subscription with
                {
                    Status = PaddleSubscriptionStatuses.Active,
                    PausedAt = null,
                    CurrentBillingPeriod = new PaddlePeriod(Now(), EndOf(Now(), subscription.BillingCycle!)),
                    NextBilledAt = EndOf(Now(), subscription.BillingCycle!),
                })
                : Refuse("subscription_must_be_paused"));

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscription>> CancelSubscriptionAsync(string subscriptionId, string effectiveFrom, CancellationToken cancellationToken) =>
        ChangeSubscription("cancel", subscriptionId, effectiveFrom, subscription => effectiveFrom == PaddleEffectiveFrom.Immediately
            ? Ok(subscription with
            {
                Status = PaddleSubscriptionStatuses.Canceled,
                CanceledAt = Now(),
                CurrentBillingPeriod = null,
                NextBilledAt = null,
                ScheduledChange = null,
            })
            : Ok(subscription with
            {
                NextBilledAt = null,
                ScheduledChange = new PaddleScheduledChange { Action = PaddleScheduledActions.Cancel, EffectiveAt = subscription.CurrentBillingPeriod!.EndsAt },
            }));

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscription>> ActivateSubscriptionAsync(string subscriptionId, CancellationToken cancellationToken) =>
        ChangeSubscription("activate", subscriptionId, null, subscription => subscription.Status == PaddleSubscriptionStatuses.Trialing
            ? Ok(subscription with
            {
                Status = PaddleSubscriptionStatuses.Active,
                CurrentBillingPeriod = new PaddlePeriod(Now(), EndOf(Now(), subscription.BillingCycle!)),
                NextBilledAt = EndOf(Now(), subscription.BillingCycle!),
            })
            : Refuse("subscription_is_inactive_action_invalid"));

    private static PaddleTotals TotalsOf(long sum) => new()
    {
        Subtotal = PaddleAmount.FromMinorUnits(sum),
        Discount = "0",
        Tax = "0",
        Total = PaddleAmount.FromMinorUnits(sum),
        Credit = "0",
        CreditToBalance = "0",
        Balance = PaddleAmount.FromMinorUnits(sum),
        GrandTotal = PaddleAmount.FromMinorUnits(sum),
    };

    private static long Sum(PaddleSubscription subscription) => subscription.Items.Sum(item => item.Price.UnitPrice!.ToMinorUnits() * item.Quantity);

    private static PaddleResult<PaddleSubscription> Ok(PaddleSubscription subscription) => subscription;

    private PaddleSubscription WithItems(PaddleSubscription subscription, PaddleSubscriptionChange change) => subscription with
    {
        Items = [.. change.Items!.Select(item => ItemOf(Prices[item.PriceId], item.Quantity, Now()))],
        BillingCycle = Prices[change.Items![0].PriceId].BillingCycle,
    };

    // What Paddle is strict about when lines change.
    private PaddleResult<PaddleSubscription>? Check(PaddleSubscription subscription, PaddleSubscriptionChange change)
    {
        var mode = change.ProrationBillingMode;
        if (subscription.Status == PaddleSubscriptionStatuses.PastDue)
        {
            return Refuse("subscription_update_when_past_due");
        }

        if (subscription.Status == PaddleSubscriptionStatuses.Canceled)
        {
            return Refuse("subscription_update_when_canceled");
        }

        if (mode is null || change.Items is not { Count: > 0 } items)
        {
            return Refuse("subscription_items_update_missing_proration_billing_mode");
        }

        if (items.Any(item => !Prices.ContainsKey(item.PriceId)))
        {
            return Refuse("subscription_price_not_found");
        }

        if (subscription.Status == PaddleSubscriptionStatuses.Trialing && mode != PaddleProrationModes.DoNotBill)
        {
            return Refuse("subscription_trialing_items_update_invalid_options");
        }

        var cycles = items.Select(item => Prices[item.PriceId].BillingCycle).Distinct().ToList();
        if (cycles.Count > 1)
        {
            return Refuse("subscription_items_have_different_billing_cycles");
        }

        if (cycles[0] != subscription.BillingCycle
            && (mode is PaddleProrationModes.ProratedNextBillingPeriod or PaddleProrationModes.FullNextBillingPeriod))
        {
            return Refuse("subscription_incorrect_proration_billing_mode");
        }

        return null;
    }

    private Task<PaddleResult<PaddleSubscription>> ChangeSubscription(
        string call, string subscriptionId, object? request, Func<PaddleSubscription, PaddleResult<PaddleSubscription>> change) =>
        Task.FromResult(Change(call, request, () =>
        {
            if (!Subscriptions.TryGetValue(subscriptionId, out var subscription))
            {
                return Refuse("not_found", 404);
            }

            if (subscription.Status == PaddleSubscriptionStatuses.Canceled)
            {
                return Refuse("subscription_is_canceled_action_invalid");
            }

            var changed = change(subscription);
            return changed.IsDone ? Subscriptions[subscriptionId] = changed.Value with { UpdatedAt = Now() } : changed;
        }));
}
