using BotGeneric.Billing.Api;
using BotGeneric.Billing.Auditing;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Catalogue;

/// <summary>
/// Reads Paddle's catalogue: says what differs, and takes over which of its prices sells which plan. The caller holds the lock of <see cref="BillingWork.Catalogue"/>.
/// </summary>
/// <param name="db">Billing's database.</param>
/// <param name="paddle">Paddle.</param>
/// <param name="adoption">Writes what is taken over.</param>
/// <param name="currencies">Knows how many decimals amounts have.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class CataloguePull(BillingDbContext db, IPaddleClient paddle, PriceAdoption adoption, Currencies currencies, TimeProvider timeProvider)
{
    /// <summary>Reads.</summary>
    /// <param name="request">What to take over.</param>
    /// <param name="actor">Who says so.</param>
    /// <param name="cancellationToken">Stops; what was taken over stays.</param>
    /// <returns>Every price, and what was done.</returns>
    /// <exception cref="PaddleException">Paddle's catalogue cannot be read; nothing was done.</exception>
    internal async Task<PullReport> PullAsync(PullRequest request, string actor, CancellationToken cancellationToken)
    {
        var remote = await RemoteCatalogue.ReadAsync(paddle, cancellationToken);
        var plans = await db.Plans.AsNoTracking().Include(plan => plan.Prices).ToDictionaryAsync(plan => plan.Code, StringComparer.Ordinal, cancellationToken);
        var mappings = (request.Mappings ?? []).ToDictionary(mapping => mapping.PaddlePriceId, mapping => mapping.PlanCode, StringComparer.Ordinal);
        var reported = new List<PulledPrice>();
        foreach (var theirs in remote.Prices.OrderBy(price => price.ProductId, StringComparer.Ordinal).ThenBy(price => price.Id, StringComparer.Ordinal))
        {
            var item = Plan(theirs, remote, plans, mappings.GetValueOrDefault(theirs.Id), request.ImportAmounts);
            reported.Add(item.Outcome == CatalogueOutcome.Planned && !request.DryRun ? await adoption.AdoptAsync(item, theirs, cancellationToken) : item);
        }

        reported.AddRange(plans.Values.SelectMany(plan => plan.Prices)
            .SelectMany(CataloguePrice.Of)
            .Where(price => price.PaddleId is not null && remote.Price(price.PaddleId) is null)
            .Select(price => Missing(price, remote)));
        reported.AddRange(mappings.Where(mapping => remote.Price(mapping.Key) is null).Select(mapping => new PulledPrice(
            mapping.Key, null, null, null, null, null, null, mapping.Value, null, CatalogueAction.None, CatalogueOutcome.Failed, [],
            remote.IsUnreadable(mapping.Key) ? RemoteCatalogue.CannotBeRead : "Paddle does not know this price.")));
        if (!request.DryRun && reported.Exists(item => item.Action is CatalogueAction.Link or CatalogueAction.Import))
        {
            db.ChangeTracker.Clear();
            db.Audit(
                timeProvider.GetUtcNow(), actor, BillingActions.CataloguePulled, "catalogue",
                details: reported.Where(item => item.Action != CatalogueAction.None)
                    .Select(item => new { item.PlanCode, item.PriceId, item.PaddlePriceId, item.Action, item.Outcome, item.Problem }));
            await db.SaveChangesAsync(cancellationToken);
        }

        return new PullReport(request.DryRun, reported);
    }

    private PulledPrice Plan(PaddlePrice theirs, RemoteCatalogue remote, Dictionary<string, Plan> plans, string? mapped, bool importAmounts)
    {
        var terms = PaddlePrices.Read(theirs);
        var ours = plans.Values.SelectMany(plan => plan.Prices).SelectMany(CataloguePrice.Of).ToList();
        var linked = ours.Find(price => price.PaddleId == theirs.Id);
        var marked = ours.Find(price => price.PaddleId is null && RemoteCatalogue.IsMarked(theirs, price));
        var known = linked ?? marked;
        var item = new PulledPrice(
            theirs.Id, theirs.ProductId, theirs.Name ?? theirs.Description ?? remote.Product(theirs.ProductId)?.Name, theirs.Status,
            terms is null ? null : MoneyAmount.Of(terms.UnitPrice, currencies.Table), terms?.Interval, terms?.Frequency,
            known?.Price.PlanCode ?? mapped, known?.Price.Id, CatalogueAction.None, CatalogueOutcome.Done, [], WithoutTrial: known?.IsWithoutTrial ?? false);
        if (linked is not null)
        {
            return Linked(item, linked, plans[linked.Price.PlanCode], theirs, terms, mapped, importAmounts);
        }

        if (marked is not null)
        {
            return item with
            {
                Action = CatalogueAction.Link,
                Outcome = CatalogueOutcome.Planned,
                Differences = [.. PaddlePrices.Compare(marked, plans[marked.Price.PlanCode].Terms, theirs)],
            };
        }

        if (mapped is null)
        {
            return item with { Problem = "It sells no plan. Name it in a mapping, or archive it at Paddle: who buys it gets nothing." };
        }

        if (!plans.TryGetValue(mapped, out var plan))
        {
            return Refuse(item, $"There is no plan '{mapped}'.");
        }

        if (terms is null)
        {
            return Refuse(item, "It is paid once, or cannot be read: it cannot sell a plan.");
        }

        var same = plan.Prices.Find(price => price.PaddleId is null && price.Terms.Equals(terms));
        return item with { PriceId = same?.Id, Action = same is null ? CatalogueAction.Import : CatalogueAction.Link, Outcome = CatalogueOutcome.Planned };
    }

    private static PulledPrice Linked(
        PulledPrice item, CataloguePrice sold, Plan plan, PaddlePrice theirs, PriceTerms? terms, string? mapped, bool importAmounts)
    {
        var ours = sold.Price;
        if (mapped is not null && mapped != ours.PlanCode)
        {
            return Refuse(item, $"It sells the plan '{ours.PlanCode}' already.");
        }

        List<CatalogueDifference> differences = [.. PaddlePrices.Compare(sold, plan.Terms, theirs)];
        if (theirs.Status == RemoteCatalogue.Archived && ours.ArchivedAt is null && plan.Visibility != PlanVisibility.Archived && sold.IsNeeded(plan))
        {
            differences.Add(new CatalogueDifference("status", RemoteCatalogue.Active, RemoteCatalogue.Archived));
        }

        // A trial and a quantity are the plan's matter here; only what is paid can be taken over, and of the price that has the plan's trial, if there is one.
        var canImport = importAmounts && !sold.IsWithoutTrial && terms is not null && !terms.Equals(ours.Terms)
            && differences.Exists(difference => difference.Field is "unitPrice" or "overrides" or "billingCycle");
        return item with
        {
            Differences = differences,
            Action = canImport ? CatalogueAction.Import : CatalogueAction.None,
            Outcome = canImport ? CatalogueOutcome.Planned : CatalogueOutcome.Done,
            Problem = sold.IsWithoutTrial && differences.Count > 0
                ? "It follows the price with the plan's trial, and is put right by a push."
                : ours.IsInherited && !canImport ? "It is out of sale since an upgrade. Take its amount over with importAmounts, or name it in the plan." : null,
        };
    }

    private static PulledPrice Refuse(PulledPrice item, string problem) => item with { Outcome = CatalogueOutcome.Failed, Problem = problem };

    private PulledPrice Missing(CataloguePrice sold, RemoteCatalogue remote) => new(
        sold.PaddleId!, null, null, null, MoneyAmount.Of(sold.Price.Terms.UnitPrice, currencies.Table), sold.Price.Terms.Interval, sold.Price.Terms.Frequency,
        sold.Price.PlanCode, sold.Price.Id,
        CatalogueAction.None, CatalogueOutcome.Failed, [],
        remote.IsUnreadable(sold.PaddleId) ? RemoteCatalogue.CannotBeRead : "Paddle does not know this price. Is the key of another account or environment?",
        sold.IsWithoutTrial);
}
