using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Domain;
using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Billing.Api;

/// <summary>A plan, as those who decide about it see it.</summary>
/// <param name="Code">Its stable name.</param>
/// <param name="Version">The present version of its terms.</param>
/// <param name="Revision">Grows by one with each change, also of what is no term.</param>
/// <param name="Product">What it is a plan of; an account has one primary subscription to a product.</param>
/// <param name="Name">The name people read.</param>
/// <param name="Description">A sentence or two.</param>
/// <param name="Features">What is listed beside the price.</param>
/// <param name="Entitlements">The limits that Policy enforces.</param>
/// <param name="TrialDays">Days that are free at the beginning; null without a trial.</param>
/// <param name="Visibility">Who may buy it.</param>
/// <param name="SortOrder">Where it stands among the others, ascending.</param>
/// <param name="PaddleProductId">Paddle's product, <c>pro_…</c>; null until it was pushed.</param>
/// <param name="Prices">What it costs and has cost, those on sale first.</param>
/// <param name="Subscribers">How many live subscriptions hold which version.</param>
public sealed record AdminPlan(
    string Code,
    int Version,
    long Revision,
    string Product,
    TextDocument Name,
    TextDocument? Description,
    IReadOnlyList<TextDocument> Features,
    IReadOnlyList<Entitlement> Entitlements,
    int? TrialDays,
    PlanVisibility Visibility,
    int SortOrder,
    string? PaddleProductId,
    IReadOnlyList<AdminPrice> Prices,
    IReadOnlyList<VersionSubscribers> Subscribers)
{
    internal static AdminPlan From(Plan plan, IReadOnlyList<VersionSubscribers> subscribers, CurrencyTable currencies) => new(
        plan.Code,
        plan.Version,
        plan.Revision,
        plan.Terms.Product,
        TextDocument.From(plan.Terms.Name),
        plan.Terms.Description is { } description ? TextDocument.From(description) : null,
        [.. plan.Terms.Features.Select(TextDocument.From)],
        plan.Terms.Entitlements,
        plan.Terms.TrialDays,
        plan.Visibility,
        plan.SortOrder,
        plan.PaddleProductId,
        [
            .. plan.Prices
                .OrderBy(price => price.ArchivedAt is not null)
                .ThenBy(price => price.Terms.Interval).ThenBy(price => price.Terms.Frequency).ThenBy(price => price.Terms.UnitPrice.Currency, StringComparer.Ordinal)
                .ThenByDescending(price => price.Version)
                .Select(price => AdminPrice.From(price, currencies)),
        ],
        subscribers);
}

/// <summary>A price of a plan. It never changes: another amount is another price.</summary>
/// <param name="Id">Our id.</param>
/// <param name="Version">1 for the first of its cycle and currency, one more for each that replaces it.</param>
/// <param name="Interval">The unit of the billing cycle.</param>
/// <param name="Frequency">How many units make a cycle.</param>
/// <param name="Price">What a cycle costs.</param>
/// <param name="Overrides">What it costs in certain countries.</param>
/// <param name="PaddlePriceId">Paddle's price, <c>pri_…</c>; null until it was pushed.</param>
/// <param name="PaddlePriceIdWithoutTrial">
/// Paddle's price without the plan's trial, for accounts that have used up theirs; null until it was pushed, and for a plan that never had a trial.
/// </param>
/// <param name="CreatedAt">Since when it exists, UTC.</param>
/// <param name="ArchivedAt">Since when nobody buys it any more, UTC; null while it is sold.</param>
/// <param name="IsInherited">
/// Whether an upgrade has taken it out of sale, and nobody else, because it did not know the amount. Until a pull takes that over it says 0. At Paddle it stays as it is.
/// </param>
public sealed record AdminPrice(
    Guid Id,
    int Version,
    BillingInterval Interval,
    int Frequency,
    MoneyAmount Price,
    IReadOnlyList<AdminPriceOverride> Overrides,
    string? PaddlePriceId,
    string? PaddlePriceIdWithoutTrial,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ArchivedAt,
    bool IsInherited)
{
    internal static AdminPrice From(Price price, CurrencyTable currencies) => new(
        price.Id,
        price.Version,
        price.Terms.Interval,
        price.Terms.Frequency,
        MoneyAmount.Of(price.Terms.UnitPrice, currencies),
        [.. price.Terms.Overrides.Select(entry => new AdminPriceOverride(entry.Countries, MoneyAmount.Of(entry.UnitPrice, currencies)))],
        price.PaddleId,
        price.PaddleIdWithoutTrial,
        price.CreatedAt,
        price.ArchivedAt,
        price.IsInherited);
}

/// <summary>What a price is in some countries.</summary>
/// <param name="Countries">ISO 3166-1 codes.</param>
/// <param name="Price">What a cycle costs there.</param>
public sealed record AdminPriceOverride(IReadOnlyList<string> Countries, MoneyAmount Price);

/// <summary>How many hold a version of a plan.</summary>
/// <param name="Version">The version.</param>
/// <param name="Subscribers">Subscriptions that are not over.</param>
public sealed record VersionSubscribers(int Version, int Subscribers);

/// <summary>What a plan promised at one of its versions.</summary>
/// <param name="Version">The version.</param>
/// <param name="Product">What it was a plan of.</param>
/// <param name="Name">The name.</param>
/// <param name="Description">A sentence or two.</param>
/// <param name="Features">What was listed.</param>
/// <param name="Entitlements">The limits.</param>
/// <param name="TrialDays">Days that were free.</param>
/// <param name="CreatedAt">Since when, UTC.</param>
/// <param name="CreatedBy">Who made it: the subject of a token, or <c>configuration</c>.</param>
/// <param name="Subscribers">Live subscriptions that hold it.</param>
public sealed record AdminPlanVersion(
    int Version,
    string Product,
    TextDocument Name,
    TextDocument? Description,
    IReadOnlyList<TextDocument> Features,
    IReadOnlyList<Entitlement> Entitlements,
    int? TrialDays,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    int Subscribers)
{
    internal static AdminPlanVersion From(PlanVersion version, int subscribers) => new(
        version.Version,
        version.Terms.Product,
        TextDocument.From(version.Terms.Name),
        version.Terms.Description is { } description ? TextDocument.From(description) : null,
        [.. version.Terms.Features.Select(TextDocument.From)],
        version.Terms.Entitlements,
        version.Terms.TrialDays,
        version.CreatedAt,
        version.CreatedBy,
        subscribers);
}

/// <summary>Whom to move to the present version of a plan.</summary>
/// <param name="Reason">Why, 1 to 500 characters.</param>
/// <param name="FromVersion">Only those who hold this version; all that hold another than the present one by default.</param>
/// <param name="DryRun">Only say how many it would be.</param>
public sealed record MoveSubscribersRequest(string Reason, int? FromVersion = null, bool DryRun = false);

/// <summary>Who was moved, or would be.</summary>
/// <param name="Version">The present version of the plan.</param>
/// <param name="Moved">How many subscriptions, by the version that they held.</param>
/// <param name="DryRun">Whether nothing was done.</param>
public sealed record MovedSubscribers(int Version, IReadOnlyList<VersionSubscribers> Moved, bool DryRun);
