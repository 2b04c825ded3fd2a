using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Customers;

/// <summary>Who pays.</summary>
internal sealed class Customer : IEntity
{
    public required string Id { get; init; }

    public string? Name { get; set; }

    public required string Email { get; set; }

    public bool MarketingConsent { get; set; }

    public string Status { get; set; } = Statuses.Active;

    public string Locale { get; set; } = "en";

    public JsonObject? CustomData { get; set; }

    public JsonObject? ImportMeta { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>How the customer's card answers when it is charged without the customer.</summary>
    [NotShown]
    public CardBehaviour Card { get; set; } = new();

    /// <summary>What Paddle owes the customer, by currency: later bills are lower by it.</summary>
    [NotShown]
    public Dictionary<string, long> Credit { get; init; } = new(StringComparer.Ordinal);
}

/// <summary>How a card answers.</summary>
internal sealed class CardBehaviour
{
    /// <summary>How many of the next charges are declined.</summary>
    public int Declines { get; set; }

    /// <summary>Whether all are.</summary>
    public bool AlwaysDeclines { get; set; }

    /// <summary>What the bank says then.</summary>
    public string ErrorCode { get; set; } = "declined";

    /// <summary>The id of the payment method.</summary>
    public string? PaymentMethodId { get; set; }

    public string Last4 { get; set; } = "4242";

    /// <summary>Charges the card.</summary>
    /// <returns>Null, or why it was declined.</returns>
    public string? Charge()
    {
        if (AlwaysDeclines)
        {
            return ErrorCode;
        }

        if (Declines == 0)
        {
            return null;
        }

        Declines--;
        return ErrorCode;
    }
}

/// <summary>Where the customer is; the country decides currency and tax.</summary>
internal sealed class Address : IEntity
{
    public required string Id { get; init; }

    public required string CustomerId { get; init; }

    public string? Description { get; set; }

    public string? FirstLine { get; set; }

    public string? SecondLine { get; set; }

    public string? City { get; set; }

    public string? PostalCode { get; set; }

    public string? Region { get; set; }

    public required string CountryCode { get; set; }

    public JsonObject? CustomData { get; set; }

    public string Status { get; set; } = Statuses.Active;

    public JsonObject? ImportMeta { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>A card that the customer let Paddle keep.</summary>
internal sealed class PaymentMethod : IEntity
{
    public required string Id { get; init; }

    public required string CustomerId { get; init; }

    public required string AddressId { get; init; }

    public string Type { get; init; } = "card";

    public string Origin { get; init; } = "saved_during_purchase";

    public DateTimeOffset SavedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    [JsonIgnore]
    public DateTimeOffset CreatedAt => SavedAt;
}
