using BotGeneric.Analytics.Data;
using BotGeneric.Analytics.Domain;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Analytics.Messaging;

/// <summary>Follows the subscriptions. A wave of renewals is applied many at a time.</summary>
public sealed class SubscriptionChangedHandler : IBatchEventHandler<SubscriptionChanged, AnalyticsDbContext>
{
    /// <inheritdoc />
    public async Task HandleAsync(IReadOnlyList<ReceivedEvent<SubscriptionChanged>> events, AnalyticsDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(db);
        // An account may have become part of another one since it was said.
        var aliases = await AccountAliases.ResolveAsync(db, events.Select(received => received.Event.AccountId), cancellationToken);
        var ids = events.Select(received => received.Event.SubscriptionId).Distinct().ToList();
        var states = await db.Subscriptions.Where(state => ids.Contains(state.SubscriptionId)).ToDictionaryAsync(state => state.SubscriptionId, cancellationToken);
        foreach (var received in events)
        {
            var changed = received.Event with { AccountId = aliases.Of(received.Event.AccountId) };
            if (states.TryGetValue(changed.SubscriptionId, out var state))
            {
                state.Apply(changed);
            }
            else
            {
                state = SubscriptionState.From(changed);
                states.Add(state.SubscriptionId, state);
                db.Subscriptions.Add(state);
            }
        }
    }
}
