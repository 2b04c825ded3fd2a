using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Catalogue;

/// <summary>Writes single products and prices to Paddle, and what they are called there to our database, one after the other.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="paddle">Paddle.</param>
/// <param name="settling">Finds out what became of a call without an answer.</param>
/// <param name="removal">Takes trials away from prices.</param>
/// <param name="currencies">Knows how many decimals amounts have.</param>
/// <param name="followUp">Does what follows here.</param>
/// <param name="environment">Says whether what is gone may be made again.</param>
/// <param name="options">How products are taxed.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class CatalogueWriter(
    BillingDbContext db,
    IPaddleClient paddle,
    PaddleSettling settling,
    IPaddleTrialRemoval removal,
    Currencies currencies,
    CatalogueFollowUp followUp,
    IHostEnvironment environment,
    IOptions<CatalogueOptions> options,
    TimeProvider timeProvider)
{
    private const int MaximumProductName = 200;

    // A stand-in, or a sandbox that was emptied, has forgotten its catalogue. In Production a catalogue that is gone means the wrong key.
    internal bool MayRecreate => !environment.IsProduction();

    internal async Task<PaddleProduct?> CreateProductAsync(
        Plan plan, CatalogueAction action, RemoteCatalogue remote, List<PushedItem> items, CatalogueWrite how, CancellationToken cancellationToken)
    {
        if (how.IsDryRun)
        {
            items.Add(Item(plan, null, null, action, CatalogueOutcome.Planned));
            return null;
        }

        var result = await paddle.CreateProductAsync(
            new PaddleProductCreation
            {
                Name = Name(plan),
                Description = plan.Terms.Description?.En,
                TaxCategory = options.Value.TaxCategory,
                CustomData = RemoteCatalogue.Mark(null, RemoteCatalogue.PlanCodeKey, plan.Code),
            },
            cancellationToken);
        if (result.Outcome == PaddleOutcome.Unknown)
        {
            result = await settling.FindAsync(() => paddle.ListProductsAsync(null, cancellationToken), product => RemoteCatalogue.IsMarked(product, plan.Code), cancellationToken);
        }

        if (!result.IsDone || result.Value.Id is not { } id)
        {
            items.Add(Item(plan, null, null, action, OutcomeOf(result.Failure), problem: Explain(result.Failure)));
            return null;
        }

        remote.Learn(result.Value);
        plan.Link(id);
        return await SaveAsync(Item(plan, null, id, action, CatalogueOutcome.Done), items, cancellationToken) ? result.Value : null;
    }

    internal async Task CreatePriceAsync(
        Plan plan, CataloguePrice sold, string? productId, CatalogueAction action, RemoteCatalogue remote, List<PushedItem> items, CatalogueWrite how,
        CancellationToken cancellationToken)
    {
        if (how.IsDryRun || productId is null)
        {
            items.Add(Item(plan, sold, null, action, CatalogueOutcome.Planned));
            return;
        }

        var result = await paddle.CreatePriceAsync(
            new PaddlePriceCreation
            {
                ProductId = productId,
                Description = PaddlePrices.Describe(plan.Code, sold, currencies.Table),
                Name = Name(plan),
                UnitPrice = PaddlePrices.Amount(sold.Price.Terms.UnitPrice),
                BillingCycle = PaddlePrices.Cycle(sold.Price.Terms),
                TrialPeriod = sold.Trial(plan.Terms),
                UnitPriceOverrides = sold.Price.Terms.Overrides.Count == 0 ? null : PaddlePrices.Overrides(sold.Price.Terms),
                Quantity = PaddlePrices.One,
                CustomData = RemoteCatalogue.Mark(null, sold.Key, sold.Price.Id.ToString()),
            },
            cancellationToken);
        if (result.Outcome == PaddleOutcome.Unknown)
        {
            result = await settling.FindAsync(
                () => paddle.ListPricesAsync(new PaddlePriceFilter([productId]), cancellationToken), found => RemoteCatalogue.IsMarked(found, sold), cancellationToken);
        }

        if (!result.IsDone)
        {
            items.Add(Item(plan, sold, null, action, OutcomeOf(result.Failure), problem: Explain(result.Failure)));
            return;
        }

        remote.Learn(result.Value);
        sold.Link(result.Value.Id);
        await SaveAsync(Item(plan, sold, result.Value.Id, action, CatalogueOutcome.Done), items, cancellationToken);
        await followUp.TryNoteAsync(result.Value, cancellationToken);
    }

    internal async Task<PaddleProduct?> UpdateProductAsync(
        Plan plan, PaddleProduct product, bool isOnSale, RemoteCatalogue remote, List<PushedItem> items, CatalogueWrite how, CancellationToken cancellationToken)
    {
        List<CatalogueDifference> differences = [.. Compare(plan, product, isOnSale)];
        if (differences.Count == 0)
        {
            return product;
        }

        if (how.IsDryRun)
        {
            items.Add(Item(plan, null, product.Id, CatalogueAction.Update, CatalogueOutcome.Planned, differences));
            return product;
        }

        var change = new PaddleProductChange
        {
            Name = Name(plan),
            // Paddle takes no empty description away: what is left out there stays.
            Description = plan.Terms.Description?.En,
            Status = StatusOf(isOnSale),
            CustomData = RemoteCatalogue.Mark(product.CustomData, RemoteCatalogue.PlanCodeKey, plan.Code),
        };
        var result = await paddle.UpdateProductAsync(product.Id!, change, cancellationToken);
        items.Add(Item(plan, null, product.Id, CatalogueAction.Update, OutcomeOf(result.Failure), differences, Explain(result.Failure)));
        if (result.IsDone)
        {
            remote.Learn(result.Value);
        }

        return result.Value ?? product;
    }

    internal async Task UpdatePriceAsync(
        Plan plan, CataloguePrice sold, PaddlePrice found, bool isOnSale, RemoteCatalogue remote, List<PushedItem> items, CatalogueWrite how, CancellationToken cancellationToken)
    {
        List<CatalogueDifference> differences = [.. Compare(plan, sold, found, isOnSale)];
        if (differences.Count == 0)
        {
            return;
        }

        if (how.IsDryRun)
        {
            items.Add(Item(plan, sold, found.Id, CatalogueAction.Update, CatalogueOutcome.Planned, differences));
            return;
        }

        // Out of sale is out of sale: what it costs is what its subscribers pay.
        var terms = isOnSale ? sold.Price.Terms : null;
        var result = await paddle.UpdatePriceAsync(
            found.Id,
            new PaddlePriceChange
            {
                Description = PaddlePrices.Describe(plan.Code, sold, currencies.Table),
                UnitPrice = terms is null ? null : PaddlePrices.Amount(terms.UnitPrice),
                BillingCycle = terms is null ? null : PaddlePrices.Cycle(terms),
                TrialPeriod = terms is null ? null : sold.Trial(plan.Terms),
                UnitPriceOverrides = terms is null ? null : PaddlePrices.Overrides(terms),
                Quantity = terms is null ? null : PaddlePrices.One,
                Status = StatusOf(isOnSale),
                CustomData = RemoteCatalogue.Mark(found.CustomData, sold.Key, sold.Price.Id.ToString()),
            },
            cancellationToken);
        if (result.IsDone && isOnSale && sold.Trial(plan.Terms) is null && found.TrialPeriod is not null)
        {
            result = await removal.RemoveTrialAsync(found.Id, cancellationToken);
        }

        items.Add(Item(plan, sold, found.Id, CatalogueAction.Update, OutcomeOf(result.Failure), differences, Explain(result.Failure)));
        if (result.IsDone)
        {
            remote.Learn(result.Value);
            await followUp.TryNoteAsync(result.Value, cancellationToken);
        }
    }

    internal async Task LinkAsync(
        Plan plan, CataloguePrice? sold, string paddleId, Action link, List<PushedItem> items, CatalogueWrite how, CancellationToken cancellationToken)
    {
        if (how.IsDryRun)
        {
            items.Add(Item(plan, sold, paddleId, CatalogueAction.Link, CatalogueOutcome.Planned));
            return;
        }

        link();
        if (await SaveAsync(Item(plan, sold, paddleId, CatalogueAction.Link, CatalogueOutcome.Done), items, cancellationToken)
            && sold is not null
            && !await followUp.TryGiveAsync(plan.Code, paddleId, cancellationToken))
        {
            items[^1] = items[^1] with { Outcome = CatalogueOutcome.Failed, Problem = "It is linked. Who has paid at it already gets the plan by a comparison with Paddle: somebody changed the same subscriptions." };
        }
    }

    private static IEnumerable<CatalogueDifference> Compare(Plan plan, PaddleProduct product, bool isOnSale)
    {
        CatalogueDifference[] fields =
        [
            new("name", Name(plan), product.Name),
            new("description", plan.Terms.Description?.En ?? product.Description, product.Description),
            new("status", StatusOf(isOnSale), product.Status),
            new("customData.planCode", plan.Code, RemoteCatalogue.Text(product.CustomData, RemoteCatalogue.PlanCodeKey)),
        ];
        return fields.Where(field => field.Ours != field.Theirs);
    }

    private static IEnumerable<CatalogueDifference> Compare(Plan plan, CataloguePrice sold, PaddlePrice found, bool isOnSale)
    {
        CatalogueDifference[] fields =
        [
            new("status", StatusOf(isOnSale), found.Status),
            new($"customData.{sold.Key}", sold.Price.Id.ToString(), RemoteCatalogue.Text(found.CustomData, sold.Key)),
        ];
        return fields.Where(field => field.Ours != field.Theirs).Concat(isOnSale ? PaddlePrices.Compare(sold, plan.Terms, found) : []);
    }

    private static string Name(Plan plan) => plan.Terms.Name.En.Length <= MaximumProductName ? plan.Terms.Name.En : plan.Terms.Name.En[..MaximumProductName];

    private static string StatusOf(bool isOnSale) => isOnSale ? RemoteCatalogue.Active : RemoteCatalogue.Archived;

    // A change that may or may not have been made is made again by the next push: it says the same.
    private static CatalogueOutcome OutcomeOf(PaddleFailure? failure) => failure?.Outcome switch
    {
        null => CatalogueOutcome.Done,
        PaddleOutcome.Unknown => CatalogueOutcome.Unknown,
        _ => CatalogueOutcome.Failed,
    };

    private static string? Explain(PaddleFailure? failure) => failure switch
    {
        null => null,
        { Outcome: PaddleOutcome.Unknown } => "Paddle has not answered. Push again: what was made is found.",
        { Outcome: PaddleOutcome.NotConfigured } => "No key of Paddle's API is configured.",
        { Error: { } error } => $"Paddle refused: {error}.",
        _ => "Paddle cannot be reached.",
    };

    private static PushedItem Item(
        Plan plan, CataloguePrice? sold, string? paddleId, CatalogueAction action, CatalogueOutcome outcome, IReadOnlyList<CatalogueDifference>? differences = null,
        string? problem = null) => new(plan.Code, sold?.Price.Id, paddleId, action, outcome, differences ?? [], problem, sold?.IsWithoutTrial ?? false);

    private async Task<bool> SaveAsync(PushedItem item, List<PushedItem> items, CancellationToken cancellationToken)
    {
        try
        {
            await BillingConflicts.RetryAsync(() => db.SaveChangesAsync(cancellationToken), BillingConflicts.IsPassing, timeProvider, cancellationToken);
            items.Add(item);
            return true;
        }
        catch (Exception exception) when (exception is DbUpdateException || BillingConflicts.IsConflict(exception))
        {
            // What is at Paddle bears our mark; the next push finds it.
            foreach (var entry in db.ChangeTracker.Entries().Where(entry => entry.State != EntityState.Unchanged).ToList())
            {
                await entry.ReloadAsync(cancellationToken);
            }

            items.Add(item with
            {
                Outcome = CatalogueOutcome.Failed,
                Problem = "It is at Paddle, and somebody changed the plan here meanwhile. Push again: it is found.",
            });
            return false;
        }
    }
}
