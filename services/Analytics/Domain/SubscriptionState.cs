using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Analytics.Domain;

/// <summary>A subscription as Billing last described it, for counting.</summary>
public sealed class SubscriptionState
{
    private SubscriptionState()
    {
    }

    /// <summary>The subscription.</summary>
    public Guid SubscriptionId { get; private set; }

    /// <summary>The account that it pays for.</summary>
    public Guid AccountId { get; private set; }

    /// <summary>The plan; empty when the price belongs to none.</summary>
    public string PlanCode { get; private set; } = string.Empty;

    /// <summary>One of <see cref="SubscriptionStatuses"/>.</summary>
    public string Status { get; private set; } = string.Empty;

    /// <summary>The revision of the subscription that this state is from.</summary>
    public long Revision { get; private set; }

    /// <summary>Starts to follow a subscription.</summary>
    /// <param name="changed">The first thing heard of it.</param>
    /// <returns>The state.</returns>
    public static SubscriptionState From(SubscriptionChanged changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        var state = new SubscriptionState { SubscriptionId = changed.SubscriptionId };
        state.Apply(changed);
        return state;
    }

    /// <summary>Takes over a newer state. Safe to repeat: what is not newer changes nothing.</summary>
    /// <param name="changed">The state.</param>
    public void Apply(SubscriptionChanged changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        if (changed.Revision <= Revision)
        {
            return;
        }

        AccountId = changed.AccountId;
        PlanCode = changed.PlanCode ?? string.Empty;
        Status = changed.Status;
        Revision = changed.Revision;
    }
}
