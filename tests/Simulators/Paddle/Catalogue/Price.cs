using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Catalogue;

/// <summary>What a product costs.</summary>
internal sealed class Price : IEntity
{
    public required string Id { get; init; }

    public required string ProductId { get; init; }

    public string Type { get; set; } = "standard";

    public required string Description { get; set; }

    public string? Name { get; set; }

    public TimePeriod? BillingCycle { get; set; }

    public TimePeriod? TrialPeriod { get; set; }

    public string TaxMode { get; set; } = "account_setting";

    public required MoneyAmount UnitPrice { get; set; }

    public IReadOnlyList<PriceOverride> UnitPriceOverrides { get; set; } = [];

    public QuantityRange Quantity { get; set; } = new(1, 100);

    public string Status { get; set; } = Statuses.Active;

    public JsonObject? CustomData { get; set; }

    public JsonObject? ImportMeta { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>The price as it is now: a subscription keeps it as it was when it was added.</summary>
    public Price Copy() => (Price)MemberwiseClone();
}

/// <summary>Another price in some countries.</summary>
/// <param name="CountryCodes">The countries, ISO 3166-1 alpha-2.</param>
/// <param name="UnitPrice">What it costs there, in whatever currency.</param>
internal sealed record PriceOverride(IReadOnlyList<string> CountryCodes, MoneyAmount UnitPrice);

/// <summary>How many can be bought at once.</summary>
/// <param name="Minimum">The least.</param>
/// <param name="Maximum">The most.</param>
internal sealed record QuantityRange(int Minimum, int Maximum);
