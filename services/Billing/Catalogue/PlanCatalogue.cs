using System.Text.Json;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Messaging;
using BotGeneric.Billing.Mirror;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Catalogue;

/// <summary>The plans and their prices.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="outbox">Tells the other services.</param>
/// <param name="settlement">Works out what follows for subscriptions.</param>
/// <param name="currencies">Knows how many decimals amounts have.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class PlanCatalogue(BillingDbContext db, IOutbox outbox, Settlement settlement, Currencies currencies, TimeProvider timeProvider)
{
    /// <summary>The author of what the configuration says.</summary>
    public const string Configuration = "configuration";

    /// <summary>Looks for a price of Paddle's that a plan cannot be sold at: it would sell two plans, or one for two amounts.</summary>
    /// <param name="code">The plan being changed.</param>
    /// <param name="document">What it is to be, valid.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>Which and why, for admins; null when there is none.</returns>
    public async Task<string?> FindObstacleAsync(string code, PlanDocument document, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(document);
        var known = (await db.Prices.SoldAs(PaddleIds(document)).ToListAsync(cancellationToken)).ByPaddleId();
        return document.Prices
            .Where(wanted => wanted.PaddlePriceId is not null && known.ContainsKey(wanted.PaddlePriceId))
            .Select(wanted => Refuse(code, wanted, known[wanted.PaddlePriceId!]))
            .FirstOrDefault(refusal => refusal is not null);
    }

    private string? Refuse(string code, PriceDocument wanted, Price present) => present switch
    {
        _ when present.PlanCode != code => $"The price {wanted.PaddlePriceId} sells the plan '{present.PlanCode}'. Remove it there first.",
        _ when present.PaddleIdWithoutTrial == wanted.PaddlePriceId =>
            $"The price {wanted.PaddlePriceId} is the one without a trial that belongs to {present.PaddleId ?? "a price of this plan"}. Name that one; this one follows it.",
        { IsInherited: true } => null,
        { ArchivedAt: not null } =>
            $"The price {wanted.PaddlePriceId} was taken out of sale in this plan and stays so: a price never comes back. Leave paddlePriceId out, and the next push makes a new price at Paddle; or name another one of Paddle's.",
        _ when !present.Terms.Equals(wanted.ToTerms(currencies.Table)) =>
            $"The price {wanted.PaddlePriceId} costs something else in this plan, and a price never changes. Leave paddlePriceId out, and the next push makes a new price at Paddle; or take over what was changed there by a pull with importAmounts.",
        _ => null,
    };

    /// <summary>
    /// Creates a plan or makes it what the document says. Other terms are its next version; another amount is another price, and the one before is taken out of
    /// sale; a price that is not named any more is as well. Subscriptions that were paid at one of Paddle's prices before any plan named it take the plan up.
    /// </summary>
    /// <param name="code">Its stable name.</param>
    /// <param name="document">What it is to be, valid.</param>
    /// <param name="actor">Who says so: the subject of a token, or <see cref="Configuration"/>.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    /// <returns>The plan as it is now.</returns>
    /// <exception cref="DbUpdateConcurrencyException">Somebody else changed it meanwhile.</exception>
    public async Task<Plan> PutAsync(string code, PlanDocument document, string actor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(document);
        var now = timeProvider.GetUtcNow();
        await using var own = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(cancellationToken) : null;
        await BillingLocks.AdoptionAsync(db, cancellationToken);
        var plan = await db.Plans.Include(row => row.Prices).SingleOrDefaultAsync(row => row.Code == code, cancellationToken);
        var before = (plan?.Version ?? 0, plan?.Revision ?? 0);
        if (plan is null)
        {
            plan = Plan.Create(code, document.Terms, document.Listing);
            db.Plans.Add(plan);
        }
        else
        {
            plan.Revise(document.Terms);
            plan.Offer(document.Listing);
        }

        if (plan.Version != before.Item1)
        {
            db.PlanVersions.Add(new PlanVersion { PlanCode = code, Version = plan.Version, Terms = plan.Terms, CreatedAt = now, CreatedBy = actor });
        }

        var repriced = Reprice(plan, document, now);
        if (repriced || plan.Revision != before.Item2)
        {
            outbox.Add(db, plan.ToEvent(Guid.CreateVersion7(now), now), orderingKey: $"plan:{code}");
            db.AuditEntries.Add(new BillingAuditEntry
            {
                Id = Guid.CreateVersion7(now),
                At = now,
                Actor = actor,
                Action = "plan.put",
                Target = code,
                Details = JsonSerializer.Serialize(document, JsonColumn.Json),
            });
        }

        // Who has changed the plan meanwhile is met before its subscribers are.
        await db.SaveChangesAsync(cancellationToken);
        foreach (var subscription in await WithoutPlanAsync(PaddleIds(document), cancellationToken))
        {
            settlement.Watch(subscription);
            subscription.Adopt(plan);
        }

        await settlement.SettleAsync(cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        if (own is not null)
        {
            await own.CommitAsync(cancellationToken);
        }

        return plan;
    }

    private static string[] PaddleIds(PlanDocument document) =>
        [.. document.Prices.Select(price => price.PaddlePriceId).OfType<string>()];

    private bool Reprice(Plan plan, PlanDocument document, DateTimeOffset now)
    {
        var changed = false;
        var kept = new HashSet<Guid>();
        foreach (var wanted in document.Prices)
        {
            var terms = wanted.ToTerms(currencies.Table);
            if (plan.Prices.Find(candidate => candidate.IsInherited && candidate.PaddleId == wanted.PaddlePriceId && wanted.PaddlePriceId is not null) is { } inherited)
            {
                inherited.Resume(terms);
                kept.Add(inherited.Id);
                changed = true;
                continue;
            }

            var alike = plan.Prices.Where(price => SameCycle(price.Terms, terms)).ToList();
            var price = alike.Find(candidate =>
                candidate.ArchivedAt is null && candidate.Terms.Equals(terms) && (wanted.PaddlePriceId is null || candidate.PaddleId is null || candidate.PaddleId == wanted.PaddlePriceId));
            if (price is null)
            {
                price = Price.Create(Guid.CreateVersion7(now), plan.Code, alike.Select(candidate => candidate.Version).DefaultIfEmpty().Max() + 1, terms, wanted.PaddlePriceId, now);
                plan.Prices.Add(price);
                db.Prices.Add(price);
                changed = true;
            }
            else if (price.PaddleId is null && wanted.PaddlePriceId is { } paddleId)
            {
                price.Link(paddleId);
                changed = true;
            }

            kept.Add(price.Id);
        }

        foreach (var price in plan.Prices.Where(price => price.ArchivedAt is null && !kept.Contains(price.Id)))
        {
            price.Archive(now);
            changed = true;
        }

        return changed;
    }

    private static bool SameCycle(PriceTerms left, PriceTerms right) =>
        left.Interval == right.Interval && left.Frequency == right.Frequency && left.UnitPrice.Currency == right.UnitPrice.Currency;

    private Task<List<Subscription>> WithoutPlanAsync(string[] priceIds, CancellationToken cancellationToken) => db.Subscriptions
        .Where(subscription => subscription.PlanCode == null && subscription.PriceIds.Any(id => priceIds.Contains(id)))
        .ToListAsync(cancellationToken);
}
