using System.Diagnostics.CodeAnalysis;

namespace BotGeneric.Billing.Paddle;

/// <summary>What prices are for somebody: localized, converted, with tax and discount.</summary>
public sealed record PaddlePricingPreview
{
    /// <summary>ISO 4217: what the buyer would pay in.</summary>
    public required string CurrencyCode { get; init; }

    /// <summary>For whom, by address.</summary>
    public PaddlePreviewAddress? Address { get; init; }

    /// <summary><c>dsc_…</c>, when one applies.</summary>
    public string? DiscountId { get; init; }

    /// <summary>The prices.</summary>
    public required PaddleTransactionDetails Details { get; init; }

    /// <summary>How it could be paid.</summary>
    [AllowNull]
    public IReadOnlyList<string> AvailablePaymentMethods { get; init => field = value ?? []; } = [];
}

/// <summary>As much of an address as taxes need.</summary>
/// <param name="CountryCode">ISO 3166-1 alpha-2.</param>
/// <param name="PostalCode">Needed in some countries.</param>
public sealed record PaddlePreviewAddress(string CountryCode, string? PostalCode = null);

/// <summary>Sums written for people, with the sign of their currency.</summary>
/// <param name="Subtotal">Before discount and tax.</param>
/// <param name="Discount">What the discount takes off.</param>
/// <param name="Tax">Tax.</param>
/// <param name="Total">The total.</param>
public sealed record PaddleFormattedTotals(string? Subtotal, string? Discount, string? Tax, string? Total);

/// <summary>A currency that Paddle charges in.</summary>
public sealed record PaddleCurrency
{
    /// <summary>ISO 4217.</summary>
    public required string Code { get; init; }

    /// <summary>How many digits of an amount stand after the point: 2 for USD, 0 for JPY.</summary>
    public required int DecimalPlaces { get; init; }
}

/// <summary>Where Paddle's notifications come from.</summary>
public sealed record PaddleSourceAddresses
{
    /// <summary>IPv4 networks, such as <c>34.232.58.13/32</c>.</summary>
    [AllowNull]
    public IReadOnlyList<string> Ipv4Cidrs { get; init => field = value ?? []; } = [];
}

/// <summary>A link to a document, good for about an hour.</summary>
/// <param name="Url">Where it is. Whoever has it can read the document: it is handed on, never stored or logged.</param>
public sealed record PaddleDocument(string Url)
{
    /// <inheritdoc />
    public override string ToString() => nameof(PaddleDocument);
}
