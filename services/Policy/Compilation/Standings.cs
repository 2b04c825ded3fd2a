using BotGeneric.Policy.Domain;

namespace BotGeneric.Policy.Compilation;

/// <summary>How an account stands, and what its subscriptions are worth now.</summary>
/// <param name="Standing">The worst of what holds.</param>
/// <param name="Until">Until when; null: until it is changed.</param>
/// <param name="Entitling">The subscriptions that entitle.</param>
/// <param name="Plans">Their plans.</param>
/// <param name="Period">The period that is paid for.</param>
internal sealed record Standings(
    AccountStanding Standing, DateTimeOffset? Until, IReadOnlyList<PlanGrant> Entitling, IReadOnlyList<string> Plans, BillingPeriod? Period)
{
    internal static Standings Of(SubjectFacts facts, DateTimeOffset at, Horizon horizon)
    {
        var overdue = new List<PlanGrant>();
        var entitling = new List<PlanGrant>();
        foreach (var plan in facts.Plans)
        {
            horizon.Note(plan.GraceEndsAt);
            if (plan.GraceEndsAt <= at)
            {
                overdue.Add(plan);
            }
            else if (plan.GrantsAccess)
            {
                entitling.Add(plan);
            }
        }

        var states = facts.States.Where(state => horizon.Holds(null, state.Until)).Select(state => (state.Standing, state.Until)).ToList();
        // Another subscription that is paid keeps the account going.
        if (overdue.Count > 0 && entitling.Count == 0)
        {
            states.Add((AccountStanding.PastDue, null));
        }

        var standing = states.Select(state => state.Standing).DefaultIfEmpty(AccountStanding.Active).MaxBy(Severity);
        var worst = states.Where(state => state.Standing == standing).ToList();
        var until = worst.Count == 0 || worst.Any(state => state.Until is null) ? null : worst.Max(state => state.Until);
        var plans = entitling.Where(plan => plan.PlanCode is not null).Select(plan => plan.PlanCode!).Distinct().Order(StringComparer.Ordinal).ToList();
        return new Standings(standing, until, entitling, plans, PeriodOf(entitling, at, horizon));
    }

    // Not the order of the enumeration: who is deleted stays so whatever is paid, and who is banned is not let in by paying.
    private static int Severity(AccountStanding standing) => standing switch
    {
        AccountStanding.Deleted => 3,
        AccountStanding.Banned => 2,
        AccountStanding.PastDue => 1,
        _ => 0,
    };

    private static BillingPeriod? PeriodOf(IEnumerable<PlanGrant> entitling, DateTimeOffset at, Horizon horizon)
    {
        var latest = entitling
            .Where(plan => plan.PaidPeriodStart <= at && plan.PaidPeriodEnd - plan.PaidPeriodStart >= BillingPeriods.Shortest)
            .OrderByDescending(plan => plan.PaidPeriodStart).ThenBy(plan => plan.SubscriptionId)
            .FirstOrDefault();
        if (latest is not { PaidPeriodStart: { } start, PaidPeriodEnd: { } end })
        {
            return null;
        }

        // A period goes on until the next one is paid for: what begins it anew is a payment, not the clock.
        var period = new BillingPeriod(start, end);
        horizon.Note(at < end ? end : BillingPeriods.Containing(period, at).End);
        return period;
    }
}
