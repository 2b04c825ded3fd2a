using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Messaging;
using BotGeneric.Billing.Mirror;
using BotGeneric.Billing.Paddle;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Catalogue;

/// <summary>Has a price of Paddle's sell a plan, and gives the plan to those who have paid at that price already.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="outbox">Tells the other services.</param>
/// <param name="settlement">Works out what follows for subscribers, and tells it.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class PriceAdoption(BillingDbContext db, IOutbox outbox, Settlement settlement, TimeProvider timeProvider)
{
    /// <summary>Takes a price over, in a transaction of its own.</summary>
    /// <param name="item">What was planned.</param>
    /// <param name="theirs">Paddle's price.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What became of it.</returns>
    internal async Task<PulledPrice> AdoptAsync(PulledPrice item, PaddlePrice theirs, CancellationToken cancellationToken)
    {
        db.ChangeTracker.Clear();
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await BillingLocks.AdoptionAsync(db, cancellationToken);
            var plan = await db.Plans.Include(row => row.Prices).SingleAsync(row => row.Code == item.PlanCode, cancellationToken);
            var price = item.Action == CatalogueAction.Import
                ? await ImportAsync(plan, theirs, cancellationToken)
                : Link(new CataloguePrice(plan.Prices.Single(row => row.Id == item.PriceId), item.WithoutTrial), theirs);
            if (plan.PaddleProductId is null && theirs.ProductId is { } product && !await db.Plans.AnyAsync(row => row.PaddleProductId == product, cancellationToken))
            {
                plan.Link(product);
            }

            outbox.Add(db, plan.ToEvent(Guid.CreateVersion7(timeProvider.GetUtcNow()), timeProvider.GetUtcNow()), orderingKey: $"plan:{plan.Code}");
            await GiveAsync(plan, theirs.Id, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return item with
            {
                PriceId = price.Id,
                Outcome = CatalogueOutcome.Done,
                Problem = price is { IsInherited: true } ? "Its amount is known now. It is not on sale: the plan sells another price with this cycle, or Paddle has archived it." : null,
            };
        }
        catch (Exception exception) when (exception is DbUpdateException || BillingConflicts.IsConflict(exception))
        {
            return item with { Outcome = CatalogueOutcome.Failed, Problem = "Somebody changed the plan meanwhile. Pull again." };
        }
    }

    private static Price Link(CataloguePrice sold, PaddlePrice theirs)
    {
        sold.Link(theirs.Id);
        return sold.Price;
    }

    private async Task<Price> ImportAsync(Plan plan, PaddlePrice theirs, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var terms = PaddlePrices.Read(theirs)!;
        if (plan.Prices.Find(price => price.IsInherited && price.PaddleId == theirs.Id) is { } inherited)
        {
            return Complete(inherited, plan, theirs, terms);
        }

        var alike = plan.Prices.Where(price => IsAlike(price.Terms, terms)).ToList();
        foreach (var price in plan.Prices.Where(price => price.PaddleId == theirs.Id))
        {
            price.Unlink();
            price.Archive(now);
        }

        if (theirs.Status != RemoteCatalogue.Archived)
        {
            // A plan has one price on sale for a cycle and a currency.
            alike.ForEach(price => price.Archive(now));
        }

        // Two rows must not have the id at once, and the database looks after each statement.
        await db.SaveChangesAsync(cancellationToken);
        var imported = Price.Create(
            Guid.CreateVersion7(now), plan.Code, alike.Select(price => price.Version).DefaultIfEmpty().Max() + 1, terms, theirs.Id, now);
        if (theirs.Status == RemoteCatalogue.Archived)
        {
            imported.Archive(now);
        }

        plan.Prices.Add(imported);
        db.Prices.Add(imported);
        return imported;
    }

    // What is on sale already was decided by somebody, and goes before what an upgrade has left.
    private static Price Complete(Price inherited, Plan plan, PaddlePrice theirs, PriceTerms terms)
    {
        if (theirs.Status == RemoteCatalogue.Archived || plan.Prices.Exists(price => price.ArchivedAt is null && IsAlike(price.Terms, terms)))
        {
            inherited.Learn(terms);
        }
        else
        {
            inherited.Resume(terms);
        }

        return inherited;
    }

    private static bool IsAlike(PriceTerms left, PriceTerms right) =>
        (left.Interval, left.Frequency, left.UnitPrice.Currency) == (right.Interval, right.Frequency, right.UnitPrice.Currency);

    /// <summary>Gives a plan to those who have paid at a price that sells it, in a transaction of its own. Safe to repeat, in a scope of its own each time.</summary>
    /// <param name="planCode">The plan.</param>
    /// <param name="paddlePriceId">Paddle's price, linked to the plan.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task GiveAsync(string planCode, string paddlePriceId, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // Before the plan is read: whoever is waited for may be making its next version.
        await BillingLocks.AdoptionAsync(db, cancellationToken);
        await GiveAsync(await db.Plans.SingleAsync(row => row.Code == planCode, cancellationToken), paddlePriceId, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task GiveAsync(Plan plan, string paddlePriceId, CancellationToken cancellationToken)
    {
        var waiting = await db.Subscriptions
            .Where(subscription => subscription.PlanCode == null && subscription.PriceIds.Contains(paddlePriceId))
            .ToListAsync(cancellationToken);
        foreach (var subscription in waiting)
        {
            settlement.Watch(subscription);
            subscription.Adopt(plan);
        }

        await settlement.SettleAsync(cancellationToken);
    }
}
