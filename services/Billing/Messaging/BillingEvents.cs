using BotGeneric.Billing.Domain;
using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Billing.Messaging;

/// <summary>What the other services are told, made from what is known here.</summary>
internal static class BillingEvents
{
    internal static SubscriptionChanged ToEvent(this Subscription subscription, Guid eventId)
    {
        var state = subscription.State;
        return new SubscriptionChanged
        {
            EventId = eventId,
            OccurredAt = subscription.LastEventAt,
            SubscriptionId = subscription.Id,
            Revision = subscription.Revision,
            AccountId = subscription.AccountId,
            PlanCode = subscription.PlanCode,
            PlanVersion = subscription.PlanVersion,
            Status = state.Status.ToWire(),
            GrantsAccess = subscription.GrantsAccess,
            CurrentPeriodStart = state.PeriodStart,
            CurrentPeriodEnd = state.PeriodEnd,
            PaidPeriodStart = subscription.PaidPeriodStart,
            PaidPeriodEnd = subscription.PaidPeriodEnd,
            TrialEndsAt = state.TrialEndsAt,
            PastDueSince = subscription.PastDueSince,
            GraceEndsAt = subscription.GraceEndsAt,
            ScheduledAction = state.ScheduledChange?.Action,
            ScheduledAt = state.ScheduledChange?.EffectiveAt,
            Entitlements = subscription.Entitlements,
        };
    }

    internal static PlanChanged ToEvent(this Plan plan, Guid eventId, DateTimeOffset now)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal) { ["en"] = plan.Terms.Name.En };
        if (plan.Terms.Name.Ru is { } russian)
        {
            names["ru"] = russian;
        }

        if (plan.Terms.Name.Uk is { } ukrainian)
        {
            names["uk"] = ukrainian;
        }

        return new PlanChanged
        {
            EventId = eventId,
            OccurredAt = now,
            PlanCode = plan.Code,
            Version = plan.Version,
            Revision = plan.Revision,
            Names = names,
            Visibility = plan.Visibility switch
            {
                PlanVisibility.Public => "public",
                PlanVisibility.Hidden => "hidden",
                _ => "archived",
            },
            Entitlements = plan.Terms.Entitlements,
        };
    }

    internal static string ToWire(this SubscriptionStatus status) => status switch
    {
        SubscriptionStatus.Trialing => SubscriptionStatuses.Trialing,
        SubscriptionStatus.Active => SubscriptionStatuses.Active,
        SubscriptionStatus.PastDue => SubscriptionStatuses.PastDue,
        SubscriptionStatus.Paused => SubscriptionStatuses.Paused,
        SubscriptionStatus.Canceled => SubscriptionStatuses.Canceled,
        _ => SubscriptionStatuses.Unknown,
    };
}
