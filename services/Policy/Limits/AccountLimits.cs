using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Policy.Domain;

namespace BotGeneric.Policy.Limits;

/// <summary>Where an account stands.</summary>
/// <param name="Account">The account.</param>
/// <param name="At">The moment that the windows are of, UTC.</param>
/// <param name="Plans">The plans that entitle it, by code; empty on the free allowance.</param>
/// <param name="Limits">Its limits.</param>
public sealed record AccountLimits(Guid Account, DateTimeOffset At, IReadOnlyList<string> Plans, IReadOnlyList<AccountLimit> Limits);

/// <summary>One limit.</summary>
/// <param name="Meter">What is counted.</param>
/// <param name="Window">Its calendar window: <c>day</c> or <c>month</c>, UTC.</param>
/// <param name="Limit">Units allowed in a window.</param>
/// <param name="Used">Units used in this window.</param>
/// <param name="Remaining">Units left, never negative.</param>
/// <param name="WindowStart">When this window began, UTC.</param>
/// <param name="ResetsAt">When the next one begins, UTC.</param>
public sealed record AccountLimit(
    string Meter, string Window, long Limit, long Used, long Remaining, DateTimeOffset WindowStart, DateTimeOffset ResetsAt)
{
    internal static AccountLimit From(Entitlement entitlement, LimitWindow window, long used) => new(
        entitlement.Meter, entitlement.Window, entitlement.Limit, used, Math.Max(0, entitlement.Limit - used), window.StartsAt, window.ResetsAt);
}
