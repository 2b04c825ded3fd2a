using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Domain;
using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Billing.Api;

/// <summary>What can be subscribed to.</summary>
/// <param name="Items">The plans that are offered to everybody, in their order.</param>
public sealed record PlanList(IReadOnlyList<PlanOffer> Items);

/// <summary>A plan as it is offered.</summary>
/// <param name="Code">Its stable name.</param>
/// <param name="Name">Its name, in the reader's language.</param>
/// <param name="Description">A sentence or two, in the reader's language.</param>
/// <param name="Features">What is listed beside the price, in order, in the reader's language.</param>
/// <param name="Product">What it is a plan of. While an account has a live paid subscription to a product, no other one to it is sold to the account: the plan is changed instead.</param>
/// <param name="Version">The version of its terms.</param>
/// <param name="TrialDays">
/// Days that are free at the beginning of an account's first paid subscription to the product; null without a trial, and for a signed-in caller whose account has used up its own.
/// </param>
/// <param name="Entitlements">What it allows.</param>
/// <param name="Prices">What it costs, one price for each billing cycle, shorter cycles first. Empty for a plan that nobody pays for.</param>
public sealed record PlanOffer(
    string Code,
    string Name,
    string? Description,
    IReadOnlyList<string> Features,
    string Product,
    int Version,
    int? TrialDays,
    IReadOnlyList<Entitlement> Entitlements,
    IReadOnlyList<PlanPrice> Prices)
{
    internal static PlanOffer From(
        Plan plan, Buyer buyer, string language, string defaultCurrency, CurrencyTable currencies, bool isTrialUsed, IReadOnlyDictionary<string, CatalogueEntry> known) => new(
        plan.Code,
        plan.Terms.Name.In(language),
        plan.Terms.Description?.In(language),
        [.. plan.Terms.Features.Select(feature => feature.In(language))],
        plan.Terms.Product,
        plan.Version,
        isTrialUsed ? null : plan.Terms.TrialDays,
        plan.Terms.Entitlements,
        [.. PriceSelection.Offers(plan, buyer, defaultCurrency).Select(offer => PlanPrice.From(plan, offer, currencies, CataloguePrice.For(plan, offer.Price, isTrialUsed), known))]);
}

/// <summary>What a plan costs for one billing cycle.</summary>
/// <param name="Interval">The unit of the cycle.</param>
/// <param name="Frequency">How many units make a cycle.</param>
/// <param name="Price">What each cycle costs. Where tax is added to it, the checkout shows that before anything is paid.</param>
/// <param name="CanBeBought">Whether a checkout is possible now; false until the payment provider knows the price as it is now.</param>
public sealed record PlanPrice(BillingInterval Interval, int Frequency, MoneyAmount Price, bool CanBeBought)
{
    internal static PlanPrice From(
        Plan plan, PriceOffer offer, CurrencyTable currencies, CataloguePrice sold, IReadOnlyDictionary<string, CatalogueEntry> known) => new(
        offer.Price.Terms.Interval,
        offer.Price.Terms.Frequency,
        MoneyAmount.Of(offer.Amount, currencies),
        sold.BuyableId(plan.Terms, known.GetValueOrDefault(sold.PaddleId ?? string.Empty)) is not null);
}
