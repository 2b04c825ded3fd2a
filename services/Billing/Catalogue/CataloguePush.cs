using BotGeneric.Billing.Api;
using BotGeneric.Billing.Auditing;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Catalogue;

/// <summary>
/// Writes plans and prices to Paddle's catalogue. What it makes bears our mark, and before it makes anything it looks for the mark: so neither a second push
/// nor an answer that was lost makes a second product. The caller holds the lock of <see cref="BillingWork.Catalogue"/>.
/// </summary>
/// <param name="db">Billing's database.</param>
/// <param name="paddle">Paddle.</param>
/// <param name="writer">Writes single products and prices.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class CataloguePush(BillingDbContext db, IPaddleClient paddle, CatalogueWriter writer, TimeProvider timeProvider)
{
    /// <summary>The actor of what the service does by itself.</summary>
    internal const string Service = "service:billing";

    /// <summary>What of everything on sale is not at Paddle yet, as far as is known here.</summary>
    /// <param name="db">Billing's database.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    internal static async Task<CatalogueState> StateAsync(BillingDbContext db, CancellationToken cancellationToken)
    {
        var plans = await db.Plans.AsNoTracking().Include(plan => plan.Prices).Where(plan => plan.Visibility != PlanVisibility.Archived).ToListAsync(cancellationToken);
        var onSale = plans.Select(plan => (plan.PaddleProductId, plan.Terms, Prices: CataloguePrice.OnSale(plan).ToList())).Where(plan => plan.Prices.Count > 0).ToList();
        var ids = onSale.SelectMany(plan => plan.Prices).Select(price => price.PaddleId).OfType<string>().ToList();
        var known = await db.CatalogueEntries.AsNoTracking().Where(entry => ids.Contains(entry.PaddleId)).ToDictionaryAsync(entry => entry.PaddleId, cancellationToken);
        var (products, prices) = (onSale.Count(plan => plan.PaddleProductId is null), onSale.Sum(plan => plan.Prices.Count(price => price.PaddleId is null)));
        var trials = onSale.Sum(plan => plan.Prices.Count(price => price.PaddleId is { } id && price.HasAnotherTrial(plan.Terms, known.GetValueOrDefault(id))));
        return new CatalogueState(onSale.Count, products, prices, trials, products + prices + trials == 0);
    }

    /// <summary>Writes.</summary>
    /// <param name="request">What.</param>
    /// <param name="actor">Who says so.</param>
    /// <param name="onlyMissing">Whether what is there is left as it is.</param>
    /// <param name="cancellationToken">Stops; what was written stays.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="PaddleException">Paddle's catalogue cannot be read; nothing was done.</exception>
    internal async Task<PushReport> PushAsync(PushRequest request, string actor, bool onlyMissing, CancellationToken cancellationToken)
    {
        var remote = await RemoteCatalogue.ReadAsync(paddle, cancellationToken);
        var plans = await db.Plans.Include(plan => plan.Prices)
            .Where(plan => request.Plans == null || request.Plans.Contains(plan.Code))
            .OrderBy(plan => plan.SortOrder).ThenBy(plan => plan.Code)
            .ToListAsync(cancellationToken);
        var items = new List<PushedItem>();
        foreach (var plan in plans)
        {
            await PushPlanAsync(plan, remote, items, new CatalogueWrite(request.DryRun, onlyMissing), cancellationToken);
        }

        if (!request.DryRun && items.Count > 0)
        {
            db.ChangeTracker.Clear();
            db.Audit(
                timeProvider.GetUtcNow(), actor, BillingActions.CataloguePushed, "catalogue",
                details: items.Select(item => new { item.PlanCode, item.PriceId, item.PaddleId, item.Action, item.Outcome, item.Problem }));
            await db.SaveChangesAsync(cancellationToken);
        }

        return new PushReport(request.DryRun, items);
    }

    private async Task PushPlanAsync(Plan plan, RemoteCatalogue remote, List<PushedItem> items, CatalogueWrite how, CancellationToken cancellationToken)
    {
        var isOnSale = plan.Visibility != PlanVisibility.Archived;
        // Who archives a plan archives its prices with it; otherwise what an upgrade has taken out of sale stays as it is there.
        var prices = plan.Prices.Where(price => !isOnSale || !price.IsInherited).OrderBy(price => price.CreatedAt).ThenBy(price => price.Id).ToList();
        if (!how.OnlyMissing)
        {
            items.AddRange(plan.Prices.Except(prices).Select(price => Left(plan, price, how)));
        }

        // A plan that is only given is no product; one that was never there need not be archived there.
        if (!prices.Exists(price => price.PaddleId is not null || price.PaddleIdWithoutTrial is not null || (isOnSale && price.ArchivedAt is null)))
        {
            return;
        }

        var product = await ProductAsync(plan, remote, isOnSale, items, how, cancellationToken);
        if (product is null && (!how.IsDryRun || items is [.., { Outcome: CatalogueOutcome.Failed }]))
        {
            return;
        }

        foreach (var price in prices)
        {
            foreach (var sold in CataloguePrice.Of(price))
            {
                await PriceAsync(plan, sold, product, remote, isOnSale && price.ArchivedAt is null && sold.IsNeeded(plan), items, how, cancellationToken);
            }
        }
    }

    private async Task<PaddleProduct?> ProductAsync(
        Plan plan, RemoteCatalogue remote, bool isOnSale, List<PushedItem> items, CatalogueWrite how, CancellationToken cancellationToken)
    {
        if (remote.FindUnreadable(plan.PaddleProductId, RemoteCatalogue.PlanCodeKey, plan.Code) is { } hidden)
        {
            items.Add(Failed(plan, null, hidden, RemoteCatalogue.CannotBeRead));
            return null;
        }

        var known = remote.Product(plan.PaddleProductId);
        var found = known
            ?? remote.ProductOfPlan(plan.Code)
            ?? await UnclaimedAsync(remote.Product(plan.Prices.Select(price => remote.Price(price.PaddleId)?.ProductId).FirstOrDefault(id => id is not null)), cancellationToken);
        if (found is null)
        {
            if (plan.PaddleProductId is not null && !writer.MayRecreate)
            {
                items.Add(Failed(plan, null, plan.PaddleProductId, "Paddle does not know this product. Is the key of another account or environment? Link the plan's prices by a pull."));
                return null;
            }

            var action = plan.PaddleProductId is null ? CatalogueAction.Create : CatalogueAction.Recreate;
            return await writer.CreateProductAsync(plan, action, remote, items, how, cancellationToken);
        }

        if (known is null)
        {
            await writer.LinkAsync(plan, null, found.Id!, () => plan.Link(found.Id!), items, how, cancellationToken);
        }

        return how.OnlyMissing && found.Status == RemoteCatalogue.Active
            ? found
            : await writer.UpdateProductAsync(plan, found, isOnSale, remote, items, how, cancellationToken);
    }

    private async Task PriceAsync(
        Plan plan, CataloguePrice price, PaddleProduct? product, RemoteCatalogue remote, bool isOnSale, List<PushedItem> items, CatalogueWrite how,
        CancellationToken cancellationToken)
    {
        if (remote.FindUnreadable(price.PaddleId, price.Key, price.Price.Id.ToString()) is { } hidden)
        {
            items.Add(Failed(plan, price, hidden, RemoteCatalogue.CannotBeRead));
            return;
        }

        var known = remote.Price(price.PaddleId);
        var found = known ?? remote.PriceOf(price);
        if (found is null)
        {
            if (!isOnSale)
            {
                return;
            }

            if (price.PaddleId is not null && !writer.MayRecreate)
            {
                items.Add(Failed(plan, price, price.PaddleId, "Paddle does not know this price. Is the key of another account or environment? Replace it in the plan."));
                return;
            }

            var action = price.PaddleId is null ? CatalogueAction.Create : CatalogueAction.Recreate;
            await writer.CreatePriceAsync(plan, price, product?.Id, action, remote, items, how, cancellationToken);
            return;
        }

        if (known is null)
        {
            await writer.LinkAsync(plan, price, found.Id, () => price.Link(found.Id), items, how, cancellationToken);
        }

        if (!how.OnlyMissing)
        {
            await writer.UpdatePriceAsync(plan, price, found, isOnSale, remote, items, how, cancellationToken);
        }
    }

    private static PushedItem Left(Plan plan, Price price, CatalogueWrite how) => new(
        plan.Code, price.Id, price.PaddleId, CatalogueAction.None, how.IsDryRun ? CatalogueOutcome.Planned : CatalogueOutcome.Done, [],
        "It is out of sale since an upgrade, and stays as it is at Paddle. Take its amount over by a pull with importAmounts, or name it in the plan.");

    // The product of a price that was named by hand, unless it is another plan's.
    private async Task<PaddleProduct?> UnclaimedAsync(PaddleProduct? product, CancellationToken cancellationToken) =>
        product?.Id is { } id && !await db.Plans.AnyAsync(plan => plan.PaddleProductId == id, cancellationToken) ? product : null;

    private static PushedItem Failed(Plan plan, CataloguePrice? price, string paddleId, string problem) =>
        new(plan.Code, price?.Price.Id, paddleId, CatalogueAction.None, CatalogueOutcome.Failed, [], problem, price?.IsWithoutTrial ?? false);
}

/// <summary>How a push writes.</summary>
/// <param name="IsDryRun">Whether it only says what it would do.</param>
/// <param name="OnlyMissing">Whether it leaves what is there as it is.</param>
internal sealed record CatalogueWrite(bool IsDryRun, bool OnlyMissing);
