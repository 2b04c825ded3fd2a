using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;

namespace BotGeneric.Policy.Limits;

/// <summary>Where an account stands.</summary>
/// <param name="Account">The account.</param>
/// <param name="At">The moment that the windows are of, UTC.</param>
/// <param name="Plans">The plans that entitle it, by code; empty on the free allowance.</param>
/// <param name="Limits">Its limits and the caller's own within it.</param>
/// <param name="Credits">One-off credits that are valid at that moment, in the order in which they are used.</param>
/// <param name="IsLive">Whether calls that run are counted in; not for another moment than now, and not while the counters cannot be reached.</param>
public sealed record AccountLimits(
    Guid Account, DateTimeOffset At, IReadOnlyList<string> Plans, IReadOnlyList<AccountLimit> Limits, IReadOnlyList<AccountCredit> Credits, bool IsLive);

/// <summary>One limit. Money is decimal text, everything else a whole number.</summary>
/// <param name="Code">The limit's code.</param>
/// <param name="Scope"><c>platform</c>, <c>plan</c>, <c>organization</c>, <c>user</c> or <c>apiKey</c>.</param>
/// <param name="Kind"><c>rate</c>, <c>quota</c>, <c>budget</c> or <c>concurrency</c>.</param>
/// <param name="Meter">What is counted: a meter's code, a currency, or <c>calls</c>.</param>
/// <param name="Window"><c>day</c>, <c>month</c>, <c>billingPeriod</c>, <c>sliding</c> or <c>none</c>.</param>
/// <param name="WindowSeconds">The length of a sliding window; null otherwise.</param>
/// <param name="Limit">What is allowed in a window.</param>
/// <param name="Used">What is used in this window.</param>
/// <param name="Held">What calls that run have reserved.</param>
/// <param name="Remaining">What is left, never negative; credits not counted in.</param>
/// <param name="WindowStart">When this window began, UTC; null without one.</param>
/// <param name="ResetsAt">When the next one begins, UTC; null without one.</param>
/// <param name="Shadow">Whether it is watched and not enforced.</param>
public sealed record AccountLimit(
    string Code,
    string Scope,
    string Kind,
    string Meter,
    string Window,
    int? WindowSeconds,
    Quantity Limit,
    Quantity Used,
    Quantity Held,
    Quantity Remaining,
    DateTimeOffset? WindowStart,
    DateTimeOffset? ResetsAt,
    bool Shadow)
{
    internal static AccountLimit From(LimitOutcome outcome)
    {
        var limit = outcome.Limit;
        return new AccountLimit(
            limit.Code, Names.Of(limit.Scope), Names.Of(limit.Kind), limit.Unit, Names.Of(limit.Window),
            limit.Window == LimitWindowKind.Sliding ? (int)limit.Length.TotalSeconds : null,
            new Quantity(limit.Unit, limit.Maximum), new Quantity(limit.Unit, outcome.Used), new Quantity(limit.Unit, outcome.Held),
            new Quantity(limit.Unit, outcome.Remaining), outcome.WindowStart, outcome.ResetsAt, limit.IsShadow);
    }
}

/// <summary>A one-off credit.</summary>
/// <param name="Id">The credit.</param>
/// <param name="Meter">The meter's code or the currency.</param>
/// <param name="Amount">What was given.</param>
/// <param name="Used">What of it is used.</param>
/// <param name="ExpiresAt">When what is left lapses, UTC; null: never.</param>
public sealed record AccountCredit(Guid Id, string Meter, Quantity Amount, Quantity Used, DateTimeOffset? ExpiresAt);
