using System.Diagnostics;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Messaging.TestHost;

/// <summary>Writes down each deposit.</summary>
public sealed class DepositedHandler : IEventHandler<Deposited, LedgerDb>
{
    public async Task HandleAsync(Deposited @event, LedgerDb db, CancellationToken cancellationToken)
    {
        db.Effects.Add(new LedgerEffect
        {
            EventId = @event.EventId,
            Consumer = nameof(Deposited),
            Account = @event.Account,
            Position = @event.Position,
            Amount = @event.Amount,
            TraceId = Activity.Current?.TraceId.ToString(),
        });
        await db.SaveChangesAsync(cancellationToken);
        if (@event.Poison && await db.Switches.AnyAsync(cancellationToken))
            throw new InvalidOperationException("This deposit is poisonous.");
    }
}

/// <summary>Writes down a batch of measurements.</summary>
public sealed class MeasuredHandler : IBatchEventHandler<Measured, LedgerDb>
{
    public async Task HandleAsync(IReadOnlyList<ReceivedEvent<Measured>> events, LedgerDb db, CancellationToken cancellationToken)
    {
        foreach (var (measured, trace) in events)
        {
            db.Effects.Add(new LedgerEffect
            {
                EventId = measured.EventId,
                Consumer = nameof(Measured),
                Account = "",
                Position = events.Count,
                Amount = measured.Amount,
                TraceId = trace.TraceId.ToString(),
            });
        }

        await db.SaveChangesAsync(cancellationToken);
        if (events.Any(e => e.Event.Poison) && await db.Switches.AnyAsync(cancellationToken))
            throw new InvalidOperationException("This measurement is poisonous.");
    }
}
