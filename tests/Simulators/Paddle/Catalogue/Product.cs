using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Catalogue;

/// <summary>What is sold.</summary>
internal sealed class Product : IEntity
{
    public required string Id { get; init; }

    public required string Name { get; set; }

    public string Type { get; set; } = "standard";

    public string? Description { get; set; }

    public required string TaxCategory { get; set; }

    public string? ImageUrl { get; set; }

    public JsonObject? CustomData { get; set; }

    public string Status { get; set; } = Statuses.Active;

    public JsonObject? ImportMeta { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>The product as it is now, for what embeds it and must not change with it.</summary>
    public Product Copy() => (Product)MemberwiseClone();
}
