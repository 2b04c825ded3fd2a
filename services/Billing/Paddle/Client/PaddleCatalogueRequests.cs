using System.Text.Json.Nodes;

namespace BotGeneric.Billing.Paddle.Client;

/// <summary>A product to create.</summary>
public sealed record PaddleProductCreation
{
    /// <summary>Its name, as buyers see it.</summary>
    public required string Name { get; init; }

    /// <summary>How it is taxed: <c>standard</c> and <c>saas</c> need no approval by Paddle.</summary>
    public required string TaxCategory { get; init; }

    /// <summary>What it is.</summary>
    public string? Description { get; init; }

    /// <summary>An https address.</summary>
    public string? ImageUrl { get; init; }

    /// <summary>Anything of ours.</summary>
    public JsonObject? CustomData { get; init; }
}

/// <summary>A change of a product. What is null stays as it is.</summary>
public sealed record PaddleProductChange
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>How it is taxed.</summary>
    public string? TaxCategory { get; init; }

    /// <summary>What it is.</summary>
    public string? Description { get; init; }

    /// <summary>An https address.</summary>
    public string? ImageUrl { get; init; }

    /// <summary><c>archived</c> takes it out of sale, <c>active</c> puts it back.</summary>
    public string? Status { get; init; }

    /// <summary>Replaces what was there.</summary>
    public JsonObject? CustomData { get; init; }
}

/// <summary>A price to create.</summary>
public sealed record PaddlePriceCreation
{
    /// <summary><c>pro_…</c>.</summary>
    public required string ProductId { get; init; }

    /// <summary>For us, not shown to buyers.</summary>
    public required string Description { get; init; }

    /// <summary>The price where no override applies.</summary>
    public required PaddleMoney UnitPrice { get; init; }

    /// <summary>Shown to buyers.</summary>
    public string? Name { get; init; }

    /// <summary>How often it is charged; null for a single charge.</summary>
    public PaddleDuration? BillingCycle { get; init; }

    /// <summary>How long the trial before the first charge is.</summary>
    public PaddleDuration? TrialPeriod { get; init; }

    /// <summary>Paddle's default is <c>account_setting</c>.</summary>
    public string? TaxMode { get; init; }

    /// <summary>Other amounts by the buyer's country.</summary>
    public IReadOnlyList<PaddlePriceOverride>? UnitPriceOverrides { get; init; }

    /// <summary>How many may be bought at once; Paddle's default is 1 to 100.</summary>
    public PaddleQuantityRange? Quantity { get; init; }

    /// <summary>Anything of ours.</summary>
    public JsonObject? CustomData { get; init; }
}

/// <summary>
/// A change of a price. What is null stays as it is. Subscriptions keep the price as it was when it was added to them.
/// </summary>
public sealed record PaddlePriceChange
{
    /// <summary>For us, not shown to buyers.</summary>
    public string? Description { get; init; }

    /// <summary>Shown to buyers.</summary>
    public string? Name { get; init; }

    /// <summary>The price where no override applies.</summary>
    public PaddleMoney? UnitPrice { get; init; }

    /// <summary>How often it is charged.</summary>
    public PaddleDuration? BillingCycle { get; init; }

    /// <summary>How long the trial before the first charge is.</summary>
    public PaddleDuration? TrialPeriod { get; init; }

    /// <summary>How it is taxed.</summary>
    public string? TaxMode { get; init; }

    /// <summary>The complete list; an empty one removes them all.</summary>
    public IReadOnlyList<PaddlePriceOverride>? UnitPriceOverrides { get; init; }

    /// <summary>How many may be bought at once.</summary>
    public PaddleQuantityRange? Quantity { get; init; }

    /// <summary><c>archived</c> takes it out of sale, <c>active</c> puts it back.</summary>
    public string? Status { get; init; }

    /// <summary>Replaces what was there.</summary>
    public JsonObject? CustomData { get; init; }
}

/// <summary>Asks what prices are for somebody. At most one of the address, the IP address and the customer is given.</summary>
public sealed record PaddlePricingQuestion
{
    /// <summary>The prices.</summary>
    public required IReadOnlyList<PaddleItem> Items { get; init; }

    /// <summary>For whom, by address.</summary>
    public PaddlePreviewAddress? Address { get; init; }

    /// <summary>For whom, by the address of the connection.</summary>
    public string? CustomerIpAddress { get; init; }

    /// <summary>For whom, <c>ctm_…</c>.</summary>
    public string? CustomerId { get; init; }

    /// <summary>The customer's address, <c>add_…</c>.</summary>
    public string? AddressId { get; init; }

    /// <summary>ISO 4217; by default the one of the buyer's country.</summary>
    public string? CurrencyCode { get; init; }

    /// <summary><c>dsc_…</c>.</summary>
    public string? DiscountId { get; init; }
}

/// <summary>A price and how many of it.</summary>
/// <param name="PriceId"><c>pri_…</c>.</param>
/// <param name="Quantity">1 or more, within the bounds of the price.</param>
public sealed record PaddleItem(string PriceId, int Quantity = 1);
