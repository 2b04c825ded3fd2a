using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle.Client;

namespace BotGeneric.Billing.Checkouts;

/// <summary>What somebody wants to buy.</summary>
/// <param name="AccountId">For whom.</param>
/// <param name="Actor">Who asks: the subject of a token.</param>
/// <param name="PlanCode">Which plan.</param>
/// <param name="Interval">The unit of the billing cycle; null: the shortest there is.</param>
/// <param name="Frequency">How many units make a cycle; null: 1, or with no unit the shortest there is.</param>
/// <param name="Buyer">Where the buyer is and in what the buyer pays.</param>
public sealed record CheckoutWish(
    Guid AccountId, string Actor, string PlanCode, BillingInterval? Interval, int? Frequency, Buyer Buyer);

/// <summary>What came of a wish to buy.</summary>
public abstract record CheckoutResult
{
    /// <summary>The buyer can pay.</summary>
    /// <param name="Checkout">The checkout, open.</param>
    /// <param name="IsNew">Whether it was begun just now.</param>
    public sealed record Ready(Checkout Checkout, bool IsNew) : CheckoutResult;

    /// <summary>There is no such plan, or it is not sold any more.</summary>
    public sealed record UnknownPlan : CheckoutResult;

    /// <summary>The plan is not sold at this billing cycle, or is only given.</summary>
    public sealed record NotSold : CheckoutResult;

    /// <summary>The payment provider does not know the price yet.</summary>
    public sealed record NotPushed : CheckoutResult;

    /// <summary>The account has a live subscription to the product.</summary>
    public sealed record AlreadySubscribed : CheckoutResult;

    /// <summary>The checkout that was open is paid; the subscription follows within moments.</summary>
    public sealed record AlreadyPaid : CheckoutResult;

    /// <summary>Another request of the account is beginning one at this moment.</summary>
    public sealed record BeingPrepared : CheckoutResult;

    /// <summary>Paddle did not do it, or it is not known whether it did.</summary>
    /// <param name="Failure">Why.</param>
    public sealed record Failed(PaddleFailure Failure) : CheckoutResult;
}
