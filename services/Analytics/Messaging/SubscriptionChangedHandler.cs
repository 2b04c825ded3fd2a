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
        // Its account may have become part of another one since it was said.
        var aliases = await AccountAliases.ResolveAsync(db, [@event.AccountId], cancellationToken);
        var changed = @event with { AccountId = aliases.Of(@event.AccountId) };
        if (await db.Subscriptions.FindAsync([changed.SubscriptionId], cancellationToken) is { } state)
        {
            state.Apply(changed);
        }
        else
        {
            db.Subscriptions.Add(SubscriptionState.From(changed));
        }
    }
}
