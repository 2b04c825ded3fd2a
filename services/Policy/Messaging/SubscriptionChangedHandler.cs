using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;

namespace BotGeneric.Policy.Messaging;

/// <summary>Raises or lowers what an account may do when its subscription changes.</summary>
public sealed class SubscriptionChangedHandler : IEventHandler<SubscriptionChanged, PolicyDbContext>
{
    /// <inheritdoc />
    public async Task HandleAsync(SubscriptionChanged @event, PolicyDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(@event);
        ArgumentNullException.ThrowIfNull(db);
        if (await db.PlanGrants.FindAsync([@event.SubscriptionId], cancellationToken) is { } grant)
        {
            grant.Apply(@event);
        }
        else
        {
            db.PlanGrants.Add(PlanGrant.From(@event));
        }
    }
}
