using System.Text.RegularExpressions;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Contracts;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Catalogue;

/// <summary>The plans, and the rules for what a plan may be.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="outbox">Tells the other services.</param>
/// <param name="timeProvider">The clock.</param>
public sealed partial class PlanCatalogue(BillingDbContext db, IOutbox outbox, TimeProvider timeProvider)
{
    private const int MaximumNameLength = 100;
    private const int MaximumPrices = 100;

    /// <summary>Says what is wrong with a plan.</summary>
    /// <param name="code">Its stable name.</param>
    /// <param name="terms">Its terms.</param>
    /// <returns>For each field at fault, what to send instead; empty when all is well.</returns>
    public static Dictionary<string, string[]> Validate(string code, PlanTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        var errors = new Dictionary<string, string[]>();
        if (!Code().IsMatch(code))
        {
            errors["code"] = ["Use 1 to 50 lower-case letters, digits and dashes, beginning with a letter."];
        }

        if (terms.Name.Length is 0 or > MaximumNameLength)
        {
            errors["name"] = [$"Use 1 to {MaximumNameLength} characters."];
        }

        if (terms.PaddlePriceIds.Distinct(StringComparer.Ordinal).Count() != terms.PaddlePriceIds.Count)
        {
            errors["paddlePriceIds"] = ["Name each price once."];
        }
        else if (terms.PaddlePriceIds.Count > MaximumPrices || terms.PaddlePriceIds.Any(id => !PriceId().IsMatch(id)))
        {
            errors["paddlePriceIds"] = [$"Send at most {MaximumPrices} of Paddle's price ids, such as pri_01h1vjes1y163xfj1rh1tkfb65."];
        }

        for (var index = 0; index < terms.Entitlements.Count; index++)
        {
            var entitlement = terms.Entitlements[index];
            if (!Meters.All.Contains(entitlement.Meter) || !LimitWindows.All.Contains(entitlement.Window) || entitlement.Limit < 0)
            {
                errors[$"entitlements[{index}]"] =
                    [$"meter is one of {string.Join(", ", Meters.All)}; window is one of {string.Join(", ", LimitWindows.All)}; limit is 0 or more."];
            }
        }

        if (terms.Entitlements.DistinctBy(entitlement => (entitlement.Meter, entitlement.Window)).Count() != terms.Entitlements.Count)
        {
            errors["entitlements"] = ["Name each meter and window once."];
        }

        return errors;
    }

    /// <summary>Looks for a price that would sell two plans.</summary>
    /// <param name="code">The plan being changed.</param>
    /// <param name="terms">Its new terms.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The price, with the plan it sells now; null when there is none.</returns>
    public Task<PlanPrice?> FindPriceOfAnotherPlanAsync(string code, PlanTerms terms, CancellationToken cancellationToken) =>
        db.Set<PlanPrice>().AsNoTracking()
            .FirstOrDefaultAsync(price => price.PlanCode != code && terms.PaddlePriceIds.Contains(price.PaddlePriceId), cancellationToken);

    /// <summary>
    /// Creates a plan or gives it new terms. Subscriptions that were paid at one of its prices before any plan named that price take it up.
    /// </summary>
    /// <param name="code">Its stable name.</param>
    /// <param name="terms">Its terms, valid.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    /// <returns>The plan as it is now.</returns>
    /// <exception cref="DbUpdateConcurrencyException">Somebody else changed it meanwhile.</exception>
    public async Task<Plan> PutAsync(string code, PlanTerms terms, CancellationToken cancellationToken)
    {
        var plan = await db.Plans.Include(row => row.Prices).SingleOrDefaultAsync(row => row.Code == code, cancellationToken);
        if (plan is null)
        {
            plan = Plan.Create(code, terms);
            db.Plans.Add(plan);
        }
        else
        {
            plan.Revise(terms);
        }

        foreach (var subscription in await WithoutPlanAsync(terms.PaddlePriceIds, cancellationToken))
        {
            if (subscription.Adopt(plan))
            {
                outbox.Add(db, subscription.ToEvent(Guid.CreateVersion7(timeProvider.GetUtcNow())), orderingKey: subscription.Id.ToString());
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        return plan;
    }

    private Task<List<Subscription>> WithoutPlanAsync(IReadOnlyList<string> priceIds, CancellationToken cancellationToken) => db.Subscriptions
        .Where(subscription => subscription.PlanCode == null && subscription.PriceIds.Any(id => priceIds.Contains(id)))
        .ToListAsync(cancellationToken);

    [GeneratedRegex("^[a-z][a-z0-9-]{0,49}$", RegexOptions.CultureInvariant)]
    private static partial Regex Code();

    [GeneratedRegex("^pri_[a-z0-9]{1,90}$", RegexOptions.CultureInvariant)]
    private static partial Regex PriceId();
}
