using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions.Texts;

namespace BotGeneric.Policy.Decisions;

/// <summary>What is refused whatever the counters say: by the standing of the account, and by access rules.</summary>
internal static class OutrightRefusal
{
    internal static Decision? Of(CompiledAccount account, DecisionRequest request, DateTimeOffset now)
    {
        if (account.Standing != AccountStanding.Active && (account.StandingUntil is null || now < account.StandingUntil))
        {
            return new Decision
            {
                IsAllowed = false,
                At = now,
                OpenAgainAt = account.StandingUntil,
                Reason = account.Standing switch
                {
                    AccountStanding.Banned => DecisionReasons.AccountBanned,
                    AccountStanding.PastDue => DecisionReasons.AccountPastDue,
                    _ => DecisionReasons.AccountDeleted,
                },
            };
        }

        foreach (var rule in account.Access)
        {
            if (!rule.IsShadow && rule.AppliesTo(request.Feature, request.Model, request.Channel, now))
            {
                return rule.IsAllowed ? null : new Decision { IsAllowed = false, At = now, Reason = DecisionReasons.AccessDenied, RefusedByPolicy = rule.Policy };
            }
        }

        return null;
    }
}
