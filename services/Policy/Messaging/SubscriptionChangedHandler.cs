using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;

namespace BotGeneric.Policy.Messaging;

/// <summary>Raises or lowers what an account may do when its subscription changes.</summary>
/// <param name="announcer">Says that it may do something else now.</param>
public sealed class SubscriptionChangedHandler(PolicyAnnouncer announcer) : IEventHandler<SubscriptionChanged, PolicyDbContext>
{
    /// <inheritdoc />
    public async Task HandleAsync(SubscriptionChanged @event, PolicyDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(@event);
        ArgumentNullException.ThrowIfNull(db);
        // Its account may have become part of another one since it was said.
        var aliases = await AccountAliases.ResolveAsync(db, [@event.AccountId], cancellationToken);
        var changed = @event with { AccountId = aliases.Of(@event.AccountId) };
        if (await db.PlanGrants.FindAsync([changed.SubscriptionId], cancellationToken) is { } grant)
        {
            // It may have been another account's.
            announcer.Announce(db, grant.AccountId);
            grant.Apply(changed);
        }
        else
        {
            db.PlanGrants.Add(PlanGrant.From(changed));
        }

        announcer.Announce(db, changed.AccountId);
    }
}
