using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Messaging.Broadcasts;

namespace BotGeneric.Policy.Compilation;

/// <summary>Forgets what was compiled of whom something has changed.</summary>
/// <param name="stamps">What is remembered.</param>
internal sealed class PolicyChangeListener(EvictionStamps stamps) : IBroadcastHandler<PolicyChanged>
{
    public Task HandleAsync(PolicyChanged @event, CancellationToken cancellationToken)
    {
        if (@event.AccountIds is not { } accounts)
        {
            stamps.EvictEverybody();
            return Task.CompletedTask;
        }

        foreach (var account in accounts)
        {
            stamps.Evict(account);
        }

        return Task.CompletedTask;
    }

    public Task ResetAsync(CancellationToken cancellationToken)
    {
        stamps.EvictEverybody();
        return Task.CompletedTask;
    }
}

/// <summary>Forgets what was compiled of a person whose part in an organization has changed. Nothing is stored of that, so it can be heard directly.</summary>
/// <param name="stamps">What is remembered.</param>
internal sealed class MembershipListener(EvictionStamps stamps) : IBroadcastHandler<MembershipChanged>
{
    public Task HandleAsync(MembershipChanged @event, CancellationToken cancellationToken)
    {
        stamps.Evict(@event.UserId);
        return Task.CompletedTask;
    }

    // The other listener forgets everything at the same moment.
    public Task ResetAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
