using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Data;

namespace BotGeneric.Policy.Messaging;

/// <summary>Carries counted usage into the live counters, then says which thresholds were reached. Safe to repeat: counters know the version they are at.</summary>
/// <param name="counters">The live counters.</param>
/// <param name="thresholds">Says it.</param>
internal sealed class UsageCountedHandler(LiveCounters counters, Thresholds thresholds) : IEventHandler<UsageCounted, PolicyDbContext>
{
    public async Task HandleAsync(UsageCounted @event, PolicyDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(@event);
        ArgumentNullException.ThrowIfNull(db);
        foreach (var account in @event.Accounts)
        {
            await counters.AdvanceAsync(account);
            await thresholds.SayAsync(account, db, cancellationToken);
        }
    }
}
