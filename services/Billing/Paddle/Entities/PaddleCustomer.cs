using System.Text.Json;

namespace BotGeneric.Billing.Paddle;

/// <summary>A buyer. Its text form names the id only, so that no log holds a name or an address.</summary>
public sealed record PaddleCustomer
{
    /// <summary><c>ctm_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The buyer's name.</summary>
    public string? Name { get; init; }

    /// <summary>The buyer's address: for display. The buyer may change it at checkout, so nobody is recognized by it.</summary>
    public required string Email { get; init; }

    /// <summary>Whether the buyer agreed to marketing.</summary>
    public bool? MarketingConsent { get; init; }

    /// <summary><c>active</c> or <c>archived</c>.</summary>
    public string? Status { get; init; }

    /// <summary>The language of Paddle's mail, such as <c>en</c>.</summary>
    public string? Locale { get; init; }

    /// <summary>What we attached.</summary>
    public JsonElement? CustomData { get; init; }

    /// <summary>Its origin, when it was migrated.</summary>
    public PaddleImportMeta? ImportMeta { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <inheritdoc />
    public override string ToString() => Id;
}

/// <summary>A payment method that a buyer saved.</summary>
public sealed record PaddlePaymentMethod
{
    /// <summary><c>paymtd_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary><c>ctm_…</c>.</summary>
    public required string CustomerId { get; init; }

    /// <summary><c>add_…</c>.</summary>
    public string? AddressId { get; init; }

    /// <summary><c>card</c>, <c>paypal</c>, <c>apple_pay</c> or another one.</summary>
    public required string Type { get; init; }

    /// <summary>The card, where it is told.</summary>
    public PaddleCard? Card { get; init; }

    /// <summary><c>saved_during_purchase</c> or <c>subscription</c>.</summary>
    public string? Origin { get; init; }

    /// <summary>Why it was deleted; only in <c>payment_method.deleted</c>.</summary>
    public string? DeletionReason { get; init; }

    /// <summary>When it was saved.</summary>
    public DateTimeOffset? SavedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>How a payment was made.</summary>
/// <param name="Type"><c>card</c>, <c>paypal</c>, <c>apple_pay</c> or another one.</param>
/// <param name="Card">The card, when it was one.</param>
public sealed record PaddleMethodDetails(string? Type, PaddleCard? Card);

/// <summary>What may be shown of a card. The holder's name is not read.</summary>
/// <param name="Type">The network, such as <c>visa</c>.</param>
/// <param name="Last4">Its last four digits.</param>
/// <param name="ExpiryMonth">1 to 12.</param>
/// <param name="ExpiryYear">Four digits.</param>
public sealed record PaddleCard(string? Type, string? Last4, int? ExpiryMonth, int? ExpiryYear);

/// <summary>
/// Links to a buyer's portal. Whoever has one acts for the buyer: they are handed to the buyer at once, never stored, cached or logged. The
/// text form names the id only.
/// </summary>
public sealed record PaddlePortalSession
{
    /// <summary><c>cpls_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary><c>ctm_…</c>.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The links.</summary>
    public required PaddlePortalUrls Urls { get; init; }

    /// <summary>When they were made.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <inheritdoc />
    public override string ToString() => Id;
}

/// <summary>The links of a portal session.</summary>
/// <param name="General">To the portal itself.</param>
/// <param name="Subscriptions">To single subscriptions, where they were asked for.</param>
public sealed record PaddlePortalUrls(PaddlePortalGeneralUrls General, IReadOnlyList<PaddlePortalSubscriptionUrls>? Subscriptions)
{
    /// <inheritdoc />
    public override string ToString() => nameof(PaddlePortalUrls);
}

/// <summary>Links to the portal itself.</summary>
/// <param name="Overview">Its first page.</param>
public sealed record PaddlePortalGeneralUrls(string Overview)
{
    /// <inheritdoc />
    public override string ToString() => nameof(PaddlePortalGeneralUrls);
}

/// <summary>Links to one subscription.</summary>
/// <param name="Id"><c>sub_…</c>.</param>
/// <param name="CancelSubscription">Where it is canceled.</param>
/// <param name="UpdateSubscriptionPaymentMethod">Where another payment method is left.</param>
public sealed record PaddlePortalSubscriptionUrls(string Id, string? CancelSubscription, string? UpdateSubscriptionPaymentMethod)
{
    /// <inheritdoc />
    public override string ToString() => Id;
}
