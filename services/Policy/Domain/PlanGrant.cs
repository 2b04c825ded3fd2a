using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Policy.Domain;

/// <summary>What one subscription entitles its account to, as Billing last said.</summary>
public sealed class PlanGrant
{
    private PlanGrant()
    {
    }

    /// <summary>The subscription.</summary>
    public Guid SubscriptionId { get; private set; }

    /// <summary>The account.</summary>
    public Guid AccountId { get; private set; }

    /// <summary>The plan, or null when the subscription's price belongs to none.</summary>
    public string? PlanCode { get; private set; }

    /// <summary>The version of the plan that the subscriber holds; 0 without a plan.</summary>
    public int PlanVersion { get; private set; }

    /// <summary>One of <see cref="SubscriptionStatuses"/>.</summary>
    public string Status { get; private set; } = SubscriptionStatuses.Unknown;

    /// <summary>Start of the last period that was paid for, UTC; null where nothing was paid, and for a gift.</summary>
    public DateTimeOffset? PaidPeriodStart { get; private set; }

    /// <summary>End of that period, UTC, exclusive.</summary>
    public DateTimeOffset? PaidPeriodEnd { get; private set; }

    /// <summary>Until when it entitles although a payment is missing, UTC; null while none is.</summary>
    public DateTimeOffset? GraceEndsAt { get; private set; }

    /// <summary>Whether the entitlements count.</summary>
    public bool GrantsAccess { get; private set; }

    /// <summary>The entitlements.</summary>
    public IReadOnlyList<Entitlement> Entitlements { get; private set; } = [];

    /// <summary>The revision of the subscription that this state is from.</summary>
    public long Revision { get; private set; }

    /// <summary>Starts to follow a subscription.</summary>
    /// <param name="changed">The first thing heard of it.</param>
    /// <returns>The grant.</returns>
    public static PlanGrant From(SubscriptionChanged changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        var grant = new PlanGrant { SubscriptionId = changed.SubscriptionId };
        grant.Apply(changed);
        return grant;
    }

    /// <summary>Takes over a newer state. Safe to repeat: what is not newer changes nothing.</summary>
    /// <param name="changed">The state.</param>
    /// <returns>Whether anything changed.</returns>
    public bool Apply(SubscriptionChanged changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        if (changed.Revision <= Revision)
        {
            return false;
        }

        AccountId = changed.AccountId;
        PlanCode = changed.PlanCode;
        PlanVersion = changed.PlanVersion;
        Status = changed.Status;
        PaidPeriodStart = changed.PaidPeriodStart?.ToUniversalTime();
        PaidPeriodEnd = changed.PaidPeriodEnd?.ToUniversalTime();
        GraceEndsAt = changed.GraceEndsAt?.ToUniversalTime();
        GrantsAccess = changed.GrantsAccess;
        Entitlements = [.. changed.Entitlements];
        Revision = changed.Revision;
        return true;
    }
}
