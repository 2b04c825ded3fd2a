using BotGeneric.Analytics.Data;
using BotGeneric.Analytics.Domain;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Messaging;

namespace BotGeneric.Analytics.Messaging;

/// <summary>Follows the subscriptions.</summary>
public sealed class SubscriptionChangedHandler : IEventHandler<SubscriptionChanged, AnalyticsDbContext>
{
    /// <inheritdoc />
    public async Task HandleAsync(SubscriptionChanged @event, AnalyticsDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(@event);
        ArgumentNullException.ThrowIfNull(db);
        if (await db.Subscriptions.FindAsync([@event.SubscriptionId], cancellationToken) is { } state)
        {
            state.Apply(@event);
        }
        else
        {
            db.Subscriptions.Add(SubscriptionState.From(@event));
        }
    }
}
