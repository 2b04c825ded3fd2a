using System.Text.Json.Serialization;
using BotGeneric.Billing.Domain;
using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Billing.Api;

/// <summary>A subscription, as those who run the system see it.</summary>
/// <param name="Id">Our id.</param>
/// <param name="PaddleId">Paddle's id; null for a gift.</param>
/// <param name="AccountId">The account that it is for.</param>
/// <param name="Status">The local state.</param>
/// <param name="PlanCode">The plan, when the price belongs to one.</param>
/// <param name="PlanVersion">The version of the plan that the subscriber holds; 0 without a plan.</param>
/// <param name="GrantsAccess">Whether the account may use the plan now.</param>
/// <param name="CurrentPeriodStart">Start of the current period, UTC.</param>
/// <param name="CurrentPeriodEnd">End of the current period, UTC, exclusive.</param>
/// <param name="LastEventAt">Paddle's time of the last change.</param>
/// <param name="Entitlements">What the subscriber is entitled to.</param>
public sealed record AdminSubscription(
    Guid Id,
    string? PaddleId,
    Guid AccountId,
    SubscriptionStatus Status,
    string? PlanCode,
    int PlanVersion,
    bool GrantsAccess,
    DateTimeOffset? CurrentPeriodStart,
    DateTimeOffset? CurrentPeriodEnd,
    DateTimeOffset LastEventAt,
    IReadOnlyList<Entitlement> Entitlements)
{
    /// <summary>Where it comes from.</summary>
    public required SubscriptionSource Source { get; init; }

    /// <summary>Paddle's payer; null for a gift.</summary>
    public required string? CustomerId { get; init; }

    /// <summary>Whether somebody of ours vouches for the account: a signed checkout or an admin. If not, the account was made up for the payer.</summary>
    public required bool IsLinked { get; init; }

    /// <summary>The product of its plan.</summary>
    public required string Product { get; init; }

    /// <summary>Whether it is the account's subscription to the product. A live paid one that is not is a surplus, which entitles too and should be refunded; a gift that is not stands beside it.</summary>
    public required bool IsPrimary { get; init; }

    /// <summary>Paddle's own word for the state.</summary>
    public required string RawStatus { get; init; }

    /// <summary>Whether a chargeback has taken the money back, and the access with it.</summary>
    public required bool IsChargedBack { get; init; }

    /// <summary>Since when a payment is missing, UTC.</summary>
    public required DateTimeOffset? PastDueSince { get; init; }

    /// <summary>Until when it entitles all the same, UTC.</summary>
    public required DateTimeOffset? GraceEndsAt { get; init; }

    /// <summary>Start of the last period that was paid for, UTC.</summary>
    public required DateTimeOffset? PaidPeriodStart { get; init; }

    /// <summary>End of it, exclusive, UTC.</summary>
    public required DateTimeOffset? PaidPeriodEnd { get; init; }

    /// <summary>When the next payment is due, UTC; null when none is.</summary>
    public required DateTimeOffset? NextBilledAt { get; init; }

    /// <summary>When the trial ends, UTC; null outside of one.</summary>
    public required DateTimeOffset? TrialEndsAt { get; init; }

    /// <summary>What will happen by itself; null when nothing will.</summary>
    public required ScheduledChange? ScheduledChange { get; init; }

    /// <summary>Since when it runs, UTC.</summary>
    public required DateTimeOffset? StartedAt { get; init; }

    /// <summary>Since when it is paused, UTC.</summary>
    public required DateTimeOffset? PausedAt { get; init; }

    /// <summary>Since when it is over, UTC.</summary>
    public required DateTimeOffset? CanceledAt { get; init; }

    /// <summary>Grows by one with each change.</summary>
    public required long Revision { get; init; }

    /// <summary>
    /// Only in the answer to a gift: whether billing had heard of the account before, as one that has bought, was given something or was linked to a payer. Billing learns of accounts by
    /// nothing else, so false is no error; look whether the id is right.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsAccountKnown { get; init; }

    internal static AdminSubscription From(Subscription subscription)
    {
        var state = subscription.State;
        return new AdminSubscription(
            subscription.Id,
            subscription.PaddleId,
            subscription.AccountId,
            state.Status,
            subscription.PlanCode,
            subscription.PlanVersion,
            subscription.GrantsAccess,
            state.PeriodStart,
            state.PeriodEnd,
            subscription.LastEventAt,
            subscription.Entitlements)
        {
            Source = subscription.Source,
            CustomerId = string.IsNullOrEmpty(subscription.CustomerId) ? null : subscription.CustomerId,
            IsLinked = subscription.IsLinked,
            Product = subscription.Product,
            IsPrimary = subscription.IsPrimary,
            RawStatus = state.RawStatus,
            IsChargedBack = subscription.IsChargedBack,
            PastDueSince = subscription.PastDueSince,
            GraceEndsAt = subscription.GraceEndsAt,
            PaidPeriodStart = subscription.PaidPeriodStart,
            PaidPeriodEnd = subscription.PaidPeriodEnd,
            NextBilledAt = state.FindNextPayment(),
            TrialEndsAt = state.TrialEndsAt,
            ScheduledChange = state.ScheduledChange,
            StartedAt = state.StartedAt,
            PausedAt = state.PausedAt,
            CanceledAt = state.CanceledAt,
            Revision = subscription.Revision,
        };
    }
}

/// <summary>A subscription with everything that is known around it.</summary>
/// <param name="Subscription">The subscription.</param>
/// <param name="Items">What is subscribed to, in Paddle's order.</param>
/// <param name="Customer">The payer; null for a gift, and while nothing is known of the payer.</param>
/// <param name="Transactions">Its latest transactions, up to 50.</param>
/// <param name="Adjustments">Its latest refunds, credits and chargebacks, up to 50.</param>
/// <param name="Checkout">The checkout that it began with, when it was one of ours.</param>
/// <param name="OthersOfTheAccount">Other subscriptions of the account that are not over.</param>
public sealed record AdminSubscriptionDetail(
    AdminSubscription Subscription,
    IReadOnlyList<AdminItem> Items,
    AdminCustomer? Customer,
    IReadOnlyList<AdminTransaction> Transactions,
    IReadOnlyList<AdminAdjustment> Adjustments,
    AdminCheckout? Checkout,
    IReadOnlyList<AdminSubscription> OthersOfTheAccount);

/// <summary>A line of a subscription or a transaction.</summary>
/// <param name="PaddlePriceId">Paddle's price.</param>
/// <param name="PaddleProductId">Paddle's product.</param>
/// <param name="Name">What Paddle calls it.</param>
/// <param name="Quantity">How many.</param>
/// <param name="UnitPrice">What one costs, as it was when the line was added.</param>
/// <param name="Interval">The unit of the billing cycle; null for what is paid once.</param>
/// <param name="Frequency">How many units make a cycle.</param>
public sealed record AdminItem(
    string PaddlePriceId, string? PaddleProductId, string? Name, int Quantity, MoneyAmount UnitPrice, BillingInterval? Interval, int? Frequency)
{
    internal static AdminItem From(SubscriptionItem item, CurrencyTable currencies) => new(
        item.PriceId, item.ProductId, item.Name, item.Quantity, MoneyAmount.Of(item.UnitPrice, currencies), item.Interval, item.Frequency);
}

/// <summary>A payer at Paddle.</summary>
/// <param name="Id">Paddle's id.</param>
/// <param name="AccountId">The account to assume when nothing better is known.</param>
/// <param name="IsLinked">Whether somebody of ours vouches for it.</param>
/// <param name="Email">The address at Paddle; null once it is erased. Nothing is decided by it.</param>
/// <param name="Name">The name at Paddle.</param>
/// <param name="Status">Paddle's word: <c>active</c> or <c>archived</c>.</param>
/// <param name="CreatedAt">When it was first heard of, UTC.</param>
public sealed record AdminCustomer(string Id, Guid? AccountId, bool IsLinked, string? Email, string? Name, string? Status, DateTimeOffset CreatedAt)
{
    internal static AdminCustomer From(Customer customer) =>
        new(customer.PaddleId, customer.AccountId, customer.IsLinked, customer.Email, customer.Name, customer.Status, customer.CreatedAt);
}

/// <summary>A wish to subscribe.</summary>
/// <param name="Id">Our id.</param>
/// <param name="AccountId">For whom.</param>
/// <param name="PlanCode">What.</param>
/// <param name="PriceId">At which of our prices.</param>
/// <param name="TransactionId">Paddle's transaction.</param>
/// <param name="Status">How it stands.</param>
/// <param name="CreatedBy">Who began it.</param>
/// <param name="CreatedAt">When, UTC.</param>
public sealed record AdminCheckout(
    Guid Id, Guid AccountId, string PlanCode, Guid PriceId, string? TransactionId, CheckoutStatus Status, string CreatedBy, DateTimeOffset CreatedAt)
{
    internal static AdminCheckout From(Checkout checkout) => new(
        checkout.Id, checkout.AccountId, checkout.PlanCode, checkout.PriceId, checkout.TransactionId, checkout.Status, checkout.CreatedBy, checkout.CreatedAt);
}
