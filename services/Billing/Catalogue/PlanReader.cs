using BotGeneric.Billing.Api;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Catalogue;

/// <summary>Reads plans with everything that an admin wants to know of them.</summary>
/// <param name="db">Billing's database.</param>
/// <param name="currencies">Knows how many decimals amounts have.</param>
public sealed class PlanReader(BillingDbContext db, Currencies currencies)
{
    /// <summary>Plans in their order.</summary>
    /// <param name="after">The position that they follow; null: from the first.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    internal async Task<IReadOnlyList<AdminPlan>> ListAsync(PlanPosition? after, int count, CancellationToken cancellationToken)
    {
        var query = db.Plans.AsNoTracking();
        if (after is not null)
        {
            query = query.Where(plan => plan.SortOrder > after.SortOrder || (plan.SortOrder == after.SortOrder && plan.Code.CompareTo(after.Code) > 0));
        }

        var plans = await query
            .OrderBy(plan => plan.SortOrder).ThenBy(plan => plan.Code)
            .Take(count)
            .Include(plan => plan.Prices)
            .ToListAsync(cancellationToken);
        return await DescribeAsync(plans, cancellationToken);
    }

    /// <summary>One plan.</summary>
    /// <param name="code">Its stable name.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The plan; null when there is none.</returns>
    internal async Task<AdminPlan?> FindAsync(string code, CancellationToken cancellationToken)
    {
        var plan = await db.Plans.AsNoTracking().Include(row => row.Prices).SingleOrDefaultAsync(row => row.Code == code, cancellationToken);
        return plan is null ? null : (await DescribeAsync([plan], cancellationToken))[0];
    }

    /// <summary>The versions of a plan, latest first.</summary>
    /// <param name="code">The plan.</param>
    /// <param name="before">Only versions below; null: from the latest.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    internal async Task<IReadOnlyList<AdminPlanVersion>> VersionsAsync(string code, int? before, int count, CancellationToken cancellationToken)
    {
        var versions = await db.PlanVersions.AsNoTracking()
            .Where(version => version.PlanCode == code && (before == null || version.Version < before))
            .OrderByDescending(version => version.Version)
            .Take(count)
            .ToListAsync(cancellationToken);
        var subscribers = await SubscribersAsync([code], cancellationToken);
        return
        [
            .. versions.Select(version => AdminPlanVersion.From(
                version, subscribers[code].Where(held => held.Version == version.Version).Sum(held => held.Subscribers))),
        ];
    }

    private async Task<IReadOnlyList<AdminPlan>> DescribeAsync(IReadOnlyList<Plan> plans, CancellationToken cancellationToken)
    {
        var subscribers = await SubscribersAsync([.. plans.Select(plan => plan.Code)], cancellationToken);
        return [.. plans.Select(plan => AdminPlan.From(plan, [.. subscribers[plan.Code].OrderBy(held => held.Version)], currencies.Table))];
    }

    private async Task<ILookup<string, VersionSubscribers>> SubscribersAsync(string[] codes, CancellationToken cancellationToken)
    {
        var counted = await db.Subscriptions.AsNoTracking()
            .Where(subscription => codes.Contains(subscription.PlanCode!) && subscription.State.Status != SubscriptionStatus.Canceled)
            .GroupBy(subscription => new { subscription.PlanCode, subscription.PlanVersion })
            .Select(group => new { group.Key.PlanCode, group.Key.PlanVersion, Count = group.Count() })
            .ToListAsync(cancellationToken);
        return counted.ToLookup(row => row.PlanCode!, row => new VersionSubscribers(row.PlanVersion, row.Count));
    }
}

/// <summary>A position in the list of plans.</summary>
/// <param name="SortOrder">Where the plan stands.</param>
/// <param name="Code">Its stable name.</param>
internal sealed record PlanPosition(int SortOrder, string Code);
