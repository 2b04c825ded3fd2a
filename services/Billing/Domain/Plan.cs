using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Billing.Domain;

/// <summary>Who may buy a plan.</summary>
public enum PlanVisibility
{
    /// <summary>Everybody sees it.</summary>
    Public,

    /// <summary>Whoever has its code may buy it; no list shows it.</summary>
    Hidden,

    /// <summary>Nobody buys it any more; those who have it keep it.</summary>
    Archived,
}

/// <summary>What can be subscribed to. New terms make the next version; who has subscribed keeps the version that was bought until they are moved.</summary>
public sealed class Plan
{
    /// <summary>
    /// The product that a plan belongs to unless it says otherwise. An account has one primary subscription to a product: while it has a live one that is paid, no
    /// other is sold to it. Plans that are given, and what the provider sells a second time all the same, stand beside it.
    /// </summary>
    public const string DefaultProduct = "main";

    private Plan()
    {
    }

    /// <summary>The stable name that other services know, such as <c>pro</c>.</summary>
    public string Code { get; private set; } = string.Empty;

    /// <summary>1 for a new plan, one more with each change of its terms.</summary>
    public int Version { get; private set; }

    /// <summary>Grows by one with each change, also of what is no term.</summary>
    public long Revision { get; private set; }

    /// <summary>Its terms at <see cref="Version"/>.</summary>
    public PlanTerms Terms { get; private set; } = PlanTerms.Empty;

    /// <summary>Where it stands among the others, ascending.</summary>
    public int SortOrder { get; private set; }

    /// <summary>Who may buy it.</summary>
    public PlanVisibility Visibility { get; private set; }

    /// <summary>The payment provider's product, <c>pro_…</c>; null until the plan was pushed to its catalogue.</summary>
    public string? PaddleProductId { get; private set; }

    /// <summary>What it costs and has cost; no price sells two plans.</summary>
    public List<Price> Prices { get; private set; } = [];

    /// <summary>Creates version 1 of a plan.</summary>
    /// <param name="code">The stable name.</param>
    /// <param name="terms">Its terms.</param>
    /// <param name="listing">How it is offered.</param>
    /// <returns>The plan.</returns>
    public static Plan Create(string code, PlanTerms terms, PlanListing listing)
    {
        var plan = new Plan { Code = code };
        plan.Offer(listing);
        plan.Revise(terms);
        return plan;
    }

    /// <summary>Takes over new terms. Repeating the same terms changes nothing.</summary>
    /// <param name="terms">The new terms.</param>
    /// <returns>Whether this made a new version.</returns>
    public bool Revise(PlanTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        if (Version > 0 && Terms.Equals(terms))
        {
            return false;
        }

        Terms = terms;
        Version++;
        Revision++;
        return true;
    }

    /// <summary>Changes how the plan is offered, which changes nothing for those who have it.</summary>
    /// <param name="listing">How.</param>
    /// <returns>Whether anything changed.</returns>
    public bool Offer(PlanListing listing)
    {
        ArgumentNullException.ThrowIfNull(listing);
        if ((Visibility, SortOrder) == (listing.Visibility, listing.SortOrder))
        {
            return false;
        }

        (Visibility, SortOrder) = (listing.Visibility, listing.SortOrder);
        Revision++;
        return true;
    }

    /// <summary>Notes the payment provider's product.</summary>
    /// <param name="paddleProductId"><c>pro_…</c></param>
    public void Link(string paddleProductId) => PaddleProductId = paddleProductId;
}

/// <summary>How a plan is offered.</summary>
/// <param name="Visibility">To whom.</param>
/// <param name="SortOrder">Where among the others, ascending.</param>
public sealed record PlanListing(PlanVisibility Visibility = PlanVisibility.Public, int SortOrder = 0);

/// <summary>The terms of a plan: what a subscriber is promised.</summary>
/// <param name="Product">What it is a plan of. An account has one primary subscription to a product.</param>
/// <param name="Name">The name people read, 1 to 100 characters in each language.</param>
/// <param name="Description">A sentence or two, up to 1,000 characters in each language.</param>
/// <param name="Features">What is listed beside the price, in order.</param>
/// <param name="Entitlements">The limits that Policy enforces; at most one entry for a meter and window.</param>
/// <param name="TrialDays">Days that are free at the beginning of an account's first paid subscription to the product; null without a trial.</param>
public sealed record PlanTerms(
    string Product,
    LocalizedText Name,
    LocalizedText? Description,
    IReadOnlyList<LocalizedText> Features,
    IReadOnlyList<Entitlement> Entitlements,
    int? TrialDays)
{
    /// <summary>The terms of nothing.</summary>
    public static PlanTerms Empty { get; } = new(Plan.DefaultProduct, new LocalizedText(string.Empty), null, [], [], null);

    /// <inheritdoc />
    public bool Equals(PlanTerms? other) =>
        other is not null
        && Product == other.Product
        && Name == other.Name
        && Description == other.Description
        && TrialDays == other.TrialDays
        && Features.SequenceEqual(other.Features)
        && Entitlements.SequenceEqual(other.Entitlements);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Product, Name, Description, TrialDays, Features.Count, Entitlements.Count);
}

/// <summary>The terms of a plan at one version: what those who bought it then were promised. Written once.</summary>
public sealed class PlanVersion
{
    /// <summary>The plan.</summary>
    public required string PlanCode { get; init; }

    /// <summary>The version.</summary>
    public required int Version { get; init; }

    /// <summary>The terms.</summary>
    public required PlanTerms Terms { get; init; }

    /// <summary>Since when, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who made it: the subject of an admin's token, or <c>configuration</c>.</summary>
    public required string CreatedBy { get; init; }
}
