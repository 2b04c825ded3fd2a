using System.Text.Json;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Catalogue;

/// <summary>
/// One of the prices that a price of ours is at Paddle. A trial belongs to a price there, and every purchase at the price begins with it: so a plan with a trial
/// has each of its prices twice, once without one for accounts that have used up theirs. The second one stays when the plan has a trial no more: nothing has to be changed
/// at Paddle then before nobody is given one.
/// </summary>
/// <param name="Price">Our price.</param>
/// <param name="IsWithoutTrial">Whether it is the one without a trial.</param>
internal sealed record CataloguePrice(Price Price, bool IsWithoutTrial)
{
    /// <summary>What Paddle calls it; null until it was pushed.</summary>
    internal string? PaddleId => IsWithoutTrial ? Price.PaddleIdWithoutTrial : Price.PaddleId;

    /// <summary>Our mark on it.</summary>
    internal string Key => IsWithoutTrial ? RemoteCatalogue.PriceWithoutTrialKey : RemoteCatalogue.PriceIdKey;

    /// <summary>What is free at the beginning there; null without a trial.</summary>
    /// <param name="terms">The plan's terms.</param>
    internal PaddleDuration? Trial(PlanTerms terms) => IsWithoutTrial ? null : PaddlePrices.Trial(terms);

    /// <summary>Whether a plan is sold at it, as far as the price itself is on sale.</summary>
    /// <param name="plan">The plan.</param>
    internal bool IsNeeded(Plan plan) => !IsWithoutTrial || plan.Terms.TrialDays is not null || PaddleId is not null;

    /// <summary>Notes what Paddle calls it.</summary>
    /// <param name="paddleId"><c>pri_…</c></param>
    internal void Link(string paddleId)
    {
        if (IsWithoutTrial)
        {
            Price.LinkWithoutTrial(paddleId);
        }
        else
        {
            Price.Link(paddleId);
        }
    }

    /// <summary>Whether Paddle's price, as it was heard of last, has another trial than the plan, or has one that the plan has no more.</summary>
    /// <param name="terms">The plan's terms.</param>
    /// <param name="known">What was heard of; null when nothing was.</param>
    internal bool HasAnotherTrial(PlanTerms terms, CatalogueEntry? known) =>
        known is not null
        && JsonSerializer.Deserialize(known.Data, PaddleJson.Default.PaddlePrice) is { } theirs
        && PaddlePrices.Compare(this, terms, theirs).Any(difference => difference.Field == PaddlePrices.TrialPeriod);

    /// <summary>
    /// What a checkout is for. Where the plan has its trial no more and nothing was pushed since, Paddle would give one to everybody, also to who has had it: then
    /// nobody can buy at it.
    /// </summary>
    /// <param name="terms">The plan's terms.</param>
    /// <param name="known">What was heard of it; null when nothing was.</param>
    /// <returns>What Paddle calls it; null until it is pushed as the plan has it.</returns>
    internal string? BuyableId(PlanTerms terms, CatalogueEntry? known) =>
        !IsWithoutTrial && terms.TrialDays is null && HasAnotherTrial(terms, known) ? null : PaddleId;

    /// <summary>Both prices that a price may be.</summary>
    /// <param name="price">Our price.</param>
    internal static IEnumerable<CataloguePrice> Of(Price price) => [new(price, IsWithoutTrial: false), new(price, IsWithoutTrial: true)];

    /// <summary>Everything that has to be at Paddle for a plan to be sold.</summary>
    /// <param name="plan">The plan, with its prices.</param>
    internal static IEnumerable<CataloguePrice> OnSale(Plan plan) => plan.Visibility == PlanVisibility.Archived
        ? []
        : plan.Prices.Where(price => price.ArchivedAt is null).SelectMany(Of).Where(price => price.IsNeeded(plan));

    /// <summary>At what somebody buys.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="price">One of its prices.</param>
    /// <param name="isTrialUsed">Whether the account has used up its trial of the product.</param>
    internal static CataloguePrice For(Plan plan, Price price, bool isTrialUsed) =>
        new(price, plan.Terms.TrialDays is null ? price.PaddleIdWithoutTrial is not null : isTrialUsed);
}

/// <summary>Finds our prices by what Paddle calls them, and Paddle's by ours.</summary>
internal static class SoldPrices
{
    /// <summary>What was heard of the prices of plans.</summary>
    /// <param name="entries">What was heard of Paddle's catalogue.</param>
    /// <param name="plans">The plans, with their prices.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>By what Paddle calls them.</returns>
    internal static async Task<IReadOnlyDictionary<string, CatalogueEntry>> OfAsync(
        this IQueryable<CatalogueEntry> entries, IEnumerable<Plan> plans, CancellationToken cancellationToken)
    {
        var ids = plans.SelectMany(CataloguePrice.OnSale).Select(price => price.PaddleId).OfType<string>().ToArray();
        return await entries.AsNoTracking().Where(entry => ids.Contains(entry.PaddleId)).ToDictionaryAsync(entry => entry.PaddleId, StringComparer.Ordinal, cancellationToken);
    }

    /// <summary>The prices that Paddle's are, with a trial or without.</summary>
    /// <param name="prices">Our prices.</param>
    /// <param name="paddleIds">What Paddle calls them.</param>
    internal static IQueryable<Price> SoldAs(this IQueryable<Price> prices, IReadOnlyCollection<string> paddleIds) => prices.AsNoTracking()
        .Where(price => paddleIds.Contains(price.PaddleId!) || paddleIds.Contains(price.PaddleIdWithoutTrial!));

    /// <summary>The prices by each of the ids that they have at Paddle.</summary>
    /// <param name="prices">Our prices.</param>
    internal static Dictionary<string, Price> ByPaddleId(this IEnumerable<Price> prices) => prices
        .SelectMany(CataloguePrice.Of)
        .Where(price => price.PaddleId is not null)
        .ToDictionary(price => price.PaddleId!, price => price.Price, StringComparer.Ordinal);
}
