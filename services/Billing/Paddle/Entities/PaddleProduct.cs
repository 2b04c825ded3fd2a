using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace BotGeneric.Billing.Paddle;

/// <summary>A product of Paddle's catalogue.</summary>
public sealed record PaddleProduct
{
    /// <summary><c>pro_…</c>. Null only in previews of products that are not in the catalogue.</summary>
    public string? Id { get; init; }

    /// <summary>Its name, as buyers see it.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public string? Description { get; init; }

    /// <summary><c>standard</c>, or <c>custom</c> for one outside of the catalogue.</summary>
    public string? Type { get; init; }

    /// <summary>How it is taxed, such as <c>standard</c> or <c>saas</c>.</summary>
    public string? TaxCategory { get; init; }

    /// <summary>Shown at checkout.</summary>
    public string? ImageUrl { get; init; }

    /// <summary><c>active</c> or <c>archived</c>.</summary>
    public string? Status { get; init; }

    /// <summary>What we attached.</summary>
    public JsonElement? CustomData { get; init; }

    /// <summary>Its origin, when it was migrated.</summary>
    public PaddleImportMeta? ImportMeta { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Its prices, where they were asked for.</summary>
    [AllowNull]
    public IReadOnlyList<PaddlePrice> Prices { get; init => field = value ?? []; } = [];
}

/// <summary>A price of a product. Inside a subscription or transaction it is the price as it was when it was added.</summary>
public sealed record PaddlePrice
{
    /// <summary><c>pri_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary><c>pro_…</c>.</summary>
    public string? ProductId { get; init; }

    /// <summary>For us, not shown to buyers.</summary>
    public string? Description { get; init; }

    /// <summary>Shown to buyers, such as <c>Monthly</c>.</summary>
    public string? Name { get; init; }

    /// <summary><c>standard</c>, or <c>custom</c> for one outside of the catalogue.</summary>
    public string? Type { get; init; }

    /// <summary>How often it is charged; null for a single charge.</summary>
    public PaddleDuration? BillingCycle { get; init; }

    /// <summary>The trial before the first charge, if there is one.</summary>
    public PaddleTrialPeriod? TrialPeriod { get; init; }

    /// <summary><c>account_setting</c>, <c>external</c>, <c>internal</c>, <c>location</c>, or what is added one day.</summary>
    public string? TaxMode { get; init; }

    /// <summary>The price where no override applies.</summary>
    public PaddleMoney? UnitPrice { get; init; }

    /// <summary>Other amounts, in other currencies, by the buyer's country.</summary>
    [AllowNull]
    public IReadOnlyList<PaddlePriceOverride> UnitPriceOverrides { get; init => field = value ?? []; } = [];

    /// <summary>How many may be bought at once.</summary>
    public PaddleQuantityRange? Quantity { get; init; }

    /// <summary><c>active</c> or <c>archived</c>.</summary>
    public string? Status { get; init; }

    /// <summary>What we attached.</summary>
    public JsonElement? CustomData { get; init; }

    /// <summary>Its origin, when it was migrated.</summary>
    public PaddleImportMeta? ImportMeta { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>A price for buyers of some countries.</summary>
public sealed record PaddlePriceOverride
{
    /// <summary>ISO 3166-1 alpha-2.</summary>
    public required IReadOnlyList<string> CountryCodes { get; init; }

    /// <summary>Sets amount and currency.</summary>
    public required PaddleMoney UnitPrice { get; init; }
}

/// <summary>A trial: a length of time and, since 2026, what it costs.</summary>
public sealed record PaddleTrialPeriod
{
    /// <summary><c>day</c>, <c>week</c>, <c>month</c> or <c>year</c>.</summary>
    public required string Interval { get; init; }

    /// <summary>How many of them.</summary>
    public required int Frequency { get; init; }

    /// <summary>Whether the buyer has to leave a payment method.</summary>
    public bool? RequiresPaymentMethod { get; init; }

    /// <summary>What the trial costs; null for nothing.</summary>
    public PaddleMoney? UnitPrice { get; init; }

    /// <summary>What it costs by the buyer's country.</summary>
    [AllowNull]
    public IReadOnlyList<PaddlePriceOverride> UnitPriceOverrides { get; init => field = value ?? []; } = [];
}

/// <summary>How many may be bought at once.</summary>
/// <param name="Minimum">At least.</param>
/// <param name="Maximum">At most; Paddle's default is 100.</param>
public sealed record PaddleQuantityRange(int Minimum, int Maximum);
