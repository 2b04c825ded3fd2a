using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Policy.Limits;

/// <summary>Where an account stands.</summary>
/// <param name="db">Policy's database.</param>
/// <param name="options">What everybody has.</param>
public sealed class LimitsQuery(PolicyDbContext db, IOptions<PolicyOptions> options)
{
    /// <summary>The account's limits, and what it has used of each in the window that a moment lies in.</summary>
    /// <param name="account">The account. One that nobody has heard of has the free allowance.</param>
    /// <param name="at">The moment.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    /// <returns>The limits.</returns>
    public async Task<AccountLimits> GetAsync(Guid account, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var grants = await db.PlanGrants.AsNoTracking().Where(grant => grant.AccountId == account).ToListAsync(cancellationToken);
        var limits = EffectiveLimits.Combine(options.Value.Free, grants)
            .Select(entitlement => (entitlement, window: LimitWindow.Containing(entitlement.Window, at)))
            .ToList();
        var used = limits.Count == 0 ? [] : await UsedByDayAsync(account, limits.Min(limit => limit.window.Start), limits.Max(limit => limit.window.End), cancellationToken);

        return new AccountLimits(
            account,
            at,
            [.. grants.Where(grant => grant is { GrantsAccess: true, PlanCode: not null }).Select(grant => grant.PlanCode!).Distinct().Order(StringComparer.Ordinal)],
            [.. limits.Select(limit => AccountLimit.From(limit.entitlement, limit.window, used
                .Where(counter => counter.Meter == limit.entitlement.Meter && counter.Day >= limit.window.Start && counter.Day < limit.window.End)
                .Sum(counter => counter.Used)))]);
    }

    private Task<List<UsageCounter>> UsedByDayAsync(Guid account, DateOnly from, DateOnly to, CancellationToken cancellationToken) =>
        db.UsageCounters.AsNoTracking()
            .Where(counter => counter.AccountId == account && counter.Day >= from && counter.Day < to)
            .ToListAsync(cancellationToken);
}
