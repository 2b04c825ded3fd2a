namespace BotGeneric.Billing.Domain;

/// <summary>The lengths of a billing cycle's unit.</summary>
public enum BillingInterval
{
    /// <summary>A day.</summary>
    Day,

    /// <summary>Seven days.</summary>
    Week,

    /// <summary>A calendar month.</summary>
    Month,

    /// <summary>A calendar year.</summary>
    Year,
}

/// <summary>What a plan costs for one length of its billing cycle. It never changes: another amount is another price, and subscribers keep theirs until they are moved.</summary>
public sealed class Price
{
    private Price()
    {
    }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; private set; }

    /// <summary>The plan that the price sells.</summary>
    public string PlanCode { get; private set; } = string.Empty;

    /// <summary>1 for the first price of a plan with this cycle and currency, one more for each that replaces it.</summary>
    public int Version { get; private set; }

    /// <summary>What it costs.</summary>
    public PriceTerms Terms { get; private set; } = PriceTerms.Empty;

    /// <summary>The payment provider's price, <c>pri_…</c>; null until it was pushed to its catalogue.</summary>
    public string? PaddleId { get; private set; }

    /// <summary>
    /// The payment provider's price for accounts that have used up their trial: the same, and nothing of it is free. Null until it was pushed, and for a plan
    /// that never had a trial.
    /// </summary>
    public string? PaddleIdWithoutTrial { get; private set; }

    /// <summary>Since when nobody buys it any more, UTC; null while it is sold.</summary>
    public DateTimeOffset? ArchivedAt { get; private set; }

    /// <summary>
    /// Whether an upgrade has taken it out of sale, and nobody else: versions before it knew which plan it sells, and not what it costs. Its terms mean nothing
    /// before its amount is taken over from the payment provider. There it stays as it is: subscribers pay it.
    /// </summary>
    public bool IsInherited { get; private set; }

    /// <summary>Since when it exists, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Creates a price.</summary>
    /// <param name="id">A new UUIDv7.</param>
    /// <param name="planCode">The plan.</param>
    /// <param name="version">Its number among those of the same cycle and currency.</param>
    /// <param name="terms">What it costs.</param>
    /// <param name="paddleId">The provider's price when it exists there already.</param>
    /// <param name="now">Now, UTC.</param>
    /// <returns>The price.</returns>
    public static Price Create(Guid id, string planCode, int version, PriceTerms terms, string? paddleId, DateTimeOffset now) =>
        new() { Id = id, PlanCode = planCode, Version = version, Terms = terms, PaddleId = paddleId, CreatedAt = now };

    /// <summary>Notes the payment provider's price.</summary>
    /// <param name="paddleId"><c>pri_…</c></param>
    public void Link(string paddleId) => PaddleId = paddleId;

    /// <summary>Notes the payment provider's price without a trial.</summary>
    /// <param name="paddleId"><c>pri_…</c></param>
    public void LinkWithoutTrial(string paddleId) => PaddleIdWithoutTrial = paddleId;

    /// <summary>Whether one of the payment provider's prices is this one, with its trial or without.</summary>
    /// <param name="paddleId"><c>pri_…</c></param>
    public bool IsSoldAs(string paddleId) => PaddleId == paddleId || PaddleIdWithoutTrial == paddleId;

    /// <summary>Leaves the payment provider's price to another one of ours: the amount was changed there.</summary>
    public void Unlink() => PaddleId = null;

    /// <summary>Notes what an inherited price costs. It is not on sale for that. Safe to repeat.</summary>
    /// <param name="terms">What it costs.</param>
    /// <exception cref="InvalidOperationException">It was known already, and never changes.</exception>
    public void Learn(PriceTerms terms) =>
        Terms = IsInherited ? terms : throw new InvalidOperationException("What a price costs never changes.");

    /// <summary>Puts an inherited price on sale, now that its amount is known: it is a price like others from here on.</summary>
    /// <param name="terms">What it costs.</param>
    /// <exception cref="InvalidOperationException">It was known already, and never changes.</exception>
    public void Resume(PriceTerms terms)
    {
        Learn(terms);
        (ArchivedAt, IsInherited) = (null, false);
    }

    /// <summary>Takes the price out of sale. Safe to repeat.</summary>
    /// <param name="now">Now, UTC.</param>
    public void Archive(DateTimeOffset now) => ArchivedAt ??= now;
}

/// <summary>What a price costs.</summary>
/// <param name="Interval">The unit of the billing cycle.</param>
/// <param name="Frequency">How many units make a cycle, 1 or more.</param>
/// <param name="UnitPrice">The amount for each cycle, where no override says otherwise.</param>
/// <param name="Overrides">What it costs in certain countries, in their currency; each country at most once.</param>
public sealed record PriceTerms(BillingInterval Interval, int Frequency, Money UnitPrice, IReadOnlyList<PriceOverride> Overrides)
{
    /// <summary>The terms of nothing.</summary>
    public static PriceTerms Empty { get; } = new(BillingInterval.Month, 1, new Money(0, "USD"), []);

    /// <summary>What somebody in a country pays.</summary>
    /// <param name="country">The ISO 3166-1 code, two capital letters; null when it is not known.</param>
    /// <returns>The amount.</returns>
    public Money In(string? country) =>
        Overrides.FirstOrDefault(entry => country is not null && entry.Countries.Contains(country, StringComparer.Ordinal))?.UnitPrice ?? UnitPrice;

    /// <inheritdoc />
    public bool Equals(PriceTerms? other) =>
        other is not null
        && Interval == other.Interval
        && Frequency == other.Frequency
        && UnitPrice == other.UnitPrice
        && Overrides.SequenceEqual(other.Overrides);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Interval, Frequency, UnitPrice, Overrides.Count);
}

/// <summary>What a price costs in some countries.</summary>
/// <param name="Countries">ISO 3166-1 codes, two capital letters.</param>
/// <param name="UnitPrice">The amount for each cycle.</param>
public sealed record PriceOverride(IReadOnlyList<string> Countries, Money UnitPrice)
{
    /// <inheritdoc />
    public bool Equals(PriceOverride? other) => other is not null && UnitPrice == other.UnitPrice && Countries.SequenceEqual(other.Countries);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(UnitPrice, Countries.Count);
}
