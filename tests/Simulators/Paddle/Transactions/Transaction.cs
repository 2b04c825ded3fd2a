using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using BotGeneric.Simulators.Paddle.Catalogue;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Transactions;

/// <summary>A purchase or a charge: what is paid for, how much, and how it went.</summary>
internal sealed class Transaction : IEntity
{
    public required string Id { get; init; }

    public required string Status { get; set; }

    public string? CustomerId { get; set; }

    public string? AddressId { get; set; }

    public string? BusinessId { get; init; }

    public JsonObject? CustomData { get; set; }

    public required string CurrencyCode { get; set; }

    public required string Origin { get; init; }

    public string? SubscriptionId { get; set; }

    public string? InvoiceId { get; set; }

    public string? InvoiceNumber { get; set; }

    public string CollectionMode { get; init; } = "automatic";

    public string? DiscountId { get; init; }

    public JsonObject? BillingDetails { get; init; }

    public BillingPeriod? BillingPeriod { get; set; }

    public IReadOnlyList<TransactionItem> Items { get; set; } = [];

    public TransactionDetails Details { get; set; } = TransactionDetails.None;

    public IReadOnlyList<Payment> Payments { get; set; } = [];

    public CheckoutLink? Checkout { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    public DateTimeOffset? BilledAt { get; set; }

    public DateTimeOffset? RevisedAt { get; init; }

    /// <summary>The currency that was asked for; null where the country decides.</summary>
    [NotShown]
    public string? RequestedCurrency { get; set; }

    /// <summary>What the lines are computed from.</summary>
    [NotShown]
    public IReadOnlyList<LineInput> Lines { get; set; } = [];

    /// <summary>How much of the customer's credit was used.</summary>
    [NotShown]
    public long Credit { get; set; }

    /// <summary>Whether the buyer wants the card to be kept; asked on the checkout page.</summary>
    [NotShown]
    public bool SaveCard { get; set; }

    /// <summary>Whether nothing but draft and ready, the two that can still change, is its state.</summary>
    [JsonIgnore]
    public bool IsOpen => Status is Statuses.Draft or Statuses.Ready;
}

/// <summary>An item of a transaction.</summary>
/// <param name="PriceId">The price.</param>
/// <param name="Price">The price as it was.</param>
/// <param name="Quantity">How many.</param>
/// <param name="Proration">For which part of a period it is charged; null for a whole one.</param>
internal sealed record TransactionItem(string PriceId, Price Price, int Quantity, ProrationPart? Proration);

/// <summary>Which part of a period something is charged or credited for.</summary>
/// <param name="Rate">The share, from 0 to 1, as text with five decimals.</param>
/// <param name="BillingPeriod">The part.</param>
internal sealed record ProrationPart(string Rate, BillingPeriod BillingPeriod);

/// <summary>Where it is paid.</summary>
/// <param name="Url">The page.</param>
internal sealed record CheckoutLink(string? Url);

/// <summary>An attempt to pay.</summary>
internal sealed record Payment(
    Guid PaymentAttemptId,
    Guid StoredPaymentMethodId,
    string? PaymentMethodId,
    string Amount,
    string Status,
    string? ErrorCode,
    MethodDetails MethodDetails,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CapturedAt);

/// <summary>What it was paid with.</summary>
internal sealed record MethodDetails(string Type, Card? Card);

/// <summary>The card, as much of it as anybody may see.</summary>
internal sealed record Card(string Type, string Last4, int ExpiryMonth, int ExpiryYear, string CardholderName);
