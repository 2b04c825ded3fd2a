using System.Collections.Concurrent;
using System.Text.Json;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;

namespace BotGeneric.Billing.Tests.Shop;

/// <summary>What goes wrong with a call.</summary>
public enum Fault
{
    /// <summary>It is done, and the answer is lost.</summary>
    AnswerLost,

    /// <summary>It gets lost on its way.</summary>
    Lost,

    /// <summary>The payment is declined.</summary>
    Declined,

    /// <summary>Paddle is away.</summary>
    Away,
}

/// <summary>
/// Paddle, as far as the shop asks it, in memory: strict where Paddle is strict about states, complete lists and proration. A test plays the buyer, and says
/// what goes wrong with the next call that changes something.
/// </summary>
/// <param name="timeProvider">The clock.</param>
public sealed partial class FakePaddle(TimeProvider timeProvider) : IPaddleClient
{
    private readonly Lock _lock = new();
    private readonly ConcurrentQueue<Fault> _faults = new();
    private long _ids;

    /// <summary>What was sold at which price.</summary>
    public ConcurrentDictionary<string, PaddlePrice> Prices { get; } = new(StringComparer.Ordinal);

    /// <summary>The transactions.</summary>
    public ConcurrentDictionary<string, PaddleTransaction> Transactions { get; } = new(StringComparer.Ordinal);

    /// <summary>The subscriptions.</summary>
    public ConcurrentDictionary<string, PaddleSubscription> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>Every call that changes something, and what it asked for.</summary>
    public ConcurrentQueue<(string Call, object? Request)> Calls { get; } = new();

    /// <summary>Whether there is a key.</summary>
    public bool IsConfigured { get; set; } = true;

    /// <summary>Has the next call that changes something go wrong.</summary>
    /// <param name="fault">How.</param>
    public void Fail(Fault fault) => _faults.Enqueue(fault);

    /// <summary>The transactions of an account, by the reference in them.</summary>
    /// <param name="reference">The reference.</param>
    public IReadOnlyList<PaddleTransaction> TransactionsOf(string reference) =>
        [.. Transactions.Values.Where(transaction => transaction.CustomData?.GetProperty("reference").GetString() == reference)];

    /// <summary>Sells something at a price.</summary>
    public void Sell(string priceId, string amount, string currency = "USD", string interval = "month", int frequency = 1, int? trialDays = null) =>
        Prices[priceId] = new PaddlePrice
        {
            Id = priceId,
            ProductId = $"pro_of_{priceId}",
            Name = priceId,
            UnitPrice = new PaddleMoney { Amount = amount, CurrencyCode = currency },
            BillingCycle = new PaddleDuration(interval, frequency),
            TrialPeriod = trialDays is { } days ? new PaddleTrialPeriod { Interval = "day", Frequency = days } : null,
            Status = "active",
        };

    /// <summary>The buyer pays.</summary>
    /// <param name="transactionId">What.</param>
    /// <param name="customerId">Who; a new payer by default.</param>
    /// <returns>The transaction and the subscription that begins with it.</returns>
    public (PaddleTransaction Transaction, PaddleSubscription Subscription) Pay(string transactionId, string? customerId = null)
    {
        lock (_lock)
        {
            var now = Now();
            var transaction = Transactions[transactionId];
            Assert.Contains(transaction.Status, new[] { PaddleTransactionStatuses.Draft, PaddleTransactionStatuses.Ready });
            var customer = customerId ?? transaction.CustomerId ?? Id("ctm");
            var price = transaction.Items[0].Price!;
            var trial = price.TrialPeriod is { } period ? now.AddDays(period.Frequency) : (DateTimeOffset?)null;
            var end = trial ?? EndOf(now, price.BillingCycle!);
            var subscription = new PaddleSubscription
            {
                Id = Id("sub"),
                Status = trial is null ? PaddleSubscriptionStatuses.Active : PaddleSubscriptionStatuses.Trialing,
                CustomerId = customer,
                CurrencyCode = transaction.CurrencyCode,
                CreatedAt = now,
                UpdatedAt = now,
                StartedAt = now,
                FirstBilledAt = trial is null ? now : null,
                NextBilledAt = end,
                CollectionMode = "automatic",
                CurrentBillingPeriod = new PaddlePeriod(now, end),
                BillingCycle = price.BillingCycle,
                Items = [.. transaction.Items.Select(item => ItemOf(item.Price!, item.Quantity, now, trial))],
                CustomData = transaction.CustomData,
            };
            Subscriptions[subscription.Id] = subscription;
            var paid = Transactions[transactionId] = transaction with
            {
                Status = PaddleTransactionStatuses.Completed,
                CustomerId = customer,
                SubscriptionId = subscription.Id,
                InvoiceId = Id("inv"),
                InvoiceNumber = $"325-{_ids}",
                BillingPeriod = subscription.CurrentBillingPeriod,
                BilledAt = now,
                UpdatedAt = now,
            };
            return (paid, subscription);
        }
    }

    /// <summary>Something happens to a subscription at Paddle that nobody here asked for.</summary>
    public PaddleSubscription Happen(string subscriptionId, Func<PaddleSubscription, PaddleSubscription> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_lock)
        {
            return Subscriptions[subscriptionId] = change(Subscriptions[subscriptionId]) with { UpdatedAt = Now() };
        }
    }

    /// <summary>A line of a subscription.</summary>
    public static PaddleSubscriptionItem ItemOf(PaddlePrice price, int quantity, DateTimeOffset now, DateTimeOffset? trial = null) => new()
    {
        Status = trial is null ? "active" : "trialing",
        Quantity = quantity,
        Recurring = true,
        CreatedAt = now,
        UpdatedAt = now,
        TrialDates = trial is { } end ? new PaddlePeriod(now, end) : null,
        Price = price,
        Product = new PaddleProduct { Id = price.ProductId, Name = price.Name ?? price.Id },
    };

    private static DateTimeOffset EndOf(DateTimeOffset start, PaddleDuration cycle) => cycle.Interval switch
    {
        "year" => start.AddYears(cycle.Frequency),
        "month" => start.AddMonths(cycle.Frequency),
        "week" => start.AddDays(7 * cycle.Frequency),
        _ => start.AddDays(cycle.Frequency),
    };

    private static PaddleFailure Refuse(string code, int status = 400) =>
        new(PaddleOutcome.Refused, new PaddleError(status, code, null, [], "req_fake"));

    private string Id(string prefix) => $"{prefix}_{Guid.CreateVersion7():N}{Interlocked.Increment(ref _ids) % 10}"[..Math.Min(60, prefix.Length + 34)];

    // Times of Paddle's never repeat.
    private DateTimeOffset Now() => timeProvider.GetUtcNow().AddTicks(10 * (Interlocked.Increment(ref _ids) % 1000));

    private PaddleResult<T> Change<T>(string call, object? request, Func<PaddleResult<T>> change)
        where T : class
    {
        Calls.Enqueue((call, request));
        if (!IsConfigured)
        {
            return new PaddleFailure(PaddleOutcome.NotConfigured);
        }

        lock (_lock)
        {
            if (!_faults.TryDequeue(out var fault))
            {
                return change();
            }

            switch (fault)
            {
                case Fault.AnswerLost:
                    change();
                    return new PaddleFailure(PaddleOutcome.Unknown);
                case Fault.Lost:
                    return new PaddleFailure(PaddleOutcome.Unknown);
                case Fault.Declined:
                    return Refuse("subscription_payment_declined");
                default:
                    return new PaddleFailure(PaddleOutcome.Unavailable);
            }
        }
    }

    private PaddleResult<T> Read<T>(T? found)
        where T : class =>
        !IsConfigured ? new PaddleFailure(PaddleOutcome.NotConfigured) : found is null ? Refuse("not_found", 404) : found;

    private static JsonElement? ToElement(object? customData) => customData is null ? null : JsonSerializer.SerializeToElement(customData);
}
