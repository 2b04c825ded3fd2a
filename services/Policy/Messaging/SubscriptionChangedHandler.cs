using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Messaging;

/// <summary>Raises or lowers what accounts may do when their subscriptions change. A wave of renewals is applied many at a time.</summary>
/// <param name="announcer">Says that they may do something else now.</param>
public sealed class SubscriptionChangedHandler(PolicyAnnouncer announcer) : IBatchEventHandler<SubscriptionChanged, PolicyDbContext>
{
    /// <summary>Who has paid waits for this: a batch is small and gathers for a moment only.</summary>
    /// <param name="options">The options of the consumer.</param>
    internal static void Gather(BatchConsumerOptions options)
    {
        options.MessageLimit = 100;
        options.TimeLimit = TimeSpan.FromMilliseconds(50);
        // One at a time, because the first two events of a subscription come together and would both find nothing.
        options.Concurrency = 1;
    }

    /// <inheritdoc />
    public async Task HandleAsync(IReadOnlyList<ReceivedEvent<SubscriptionChanged>> events, PolicyDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(db);
        // An account may have become part of another one since it was said.
        var aliases = await AccountAliases.ResolveAsync(db, events.Select(received => received.Event.AccountId), cancellationToken);
        var ids = events.Select(received => received.Event.SubscriptionId).Distinct().ToList();
        var grants = await db.PlanGrants.Where(grant => ids.Contains(grant.SubscriptionId)).ToDictionaryAsync(grant => grant.SubscriptionId, cancellationToken);
        var touched = new HashSet<Guid>();
        foreach (var received in events)
        {
            var changed = received.Event with { AccountId = aliases.Of(received.Event.AccountId) };
            touched.Add(changed.AccountId);
            if (grants.TryGetValue(changed.SubscriptionId, out var grant))
            {
                // It may have been another account's.
                touched.Add(grant.AccountId);
                grant.Apply(changed);
            }
            else
            {
                grant = PlanGrant.From(changed);
                grants.Add(grant.SubscriptionId, grant);
                db.PlanGrants.Add(grant);
            }
        }

        announcer.Announce(db, [.. touched]);
    }
}
