using BotGeneric.Contracts;

namespace BotGeneric.Messaging.Broadcasts;

/// <summary>
/// What one process does when it hears an event that every process hears: forget something it remembers. There is no inbox and no
/// redelivery; what was said while the process was not connected is made up for by <see cref="ResetAsync"/>.
/// </summary>
/// <typeparam name="TEvent">The event.</typeparam>
public interface IBroadcastHandler<in TEvent>
    where TEvent : class, IIntegrationEvent
{
    /// <summary>Applies the event. Called for one event after the other, so it must not wait for long. An event can come twice.</summary>
    /// <param name="event">The event.</param>
    /// <param name="cancellationToken">Cancelled when the process stops.</param>
    Task HandleAsync(TEvent @event, CancellationToken cancellationToken);

    /// <summary>
    /// The connection was made, for the first time or again. Events may have been missed, so everything that they could have changed is
    /// forgotten. Called before the state says connected; nothing said from now on is missed.
    /// </summary>
    /// <param name="cancellationToken">Cancelled when the process stops.</param>
    Task ResetAsync(CancellationToken cancellationToken);
}
