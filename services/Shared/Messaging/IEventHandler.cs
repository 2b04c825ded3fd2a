using System.Diagnostics;
using BotGeneric.Contracts;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Messaging;

/// <summary>
/// The effect of one event. The transaction of <c>db</c> is open and already holds the inbox entry of the event, so whatever is
/// written through <c>db</c> commits together with "this event was handled", and happens once however often the broker delivers it.
/// </summary>
/// <typeparam name="TEvent">The event.</typeparam>
/// <typeparam name="TDbContext">The service's database.</typeparam>
public interface IEventHandler<in TEvent, in TDbContext>
    where TEvent : class, IIntegrationEvent
    where TDbContext : DbContext
{
    /// <summary>
    /// Applies the event. Changes tracked by <paramref name="db"/> are saved and committed after this returns; a handler may save
    /// earlier but must not commit. Anything outside the database (a cache, a call to a vendor) can happen more than once and must bear it.
    /// </summary>
    /// <param name="event">The event; never one that this consumer has handled before.</param>
    /// <param name="db">The service's database, in a transaction.</param>
    /// <param name="cancellationToken">Cancelled when the process stops; the event is then delivered again.</param>
    /// <exception cref="UnprocessableEventException">The event can never succeed: it becomes a dead letter without further attempts.</exception>
    Task HandleAsync(TEvent @event, TDbContext db, CancellationToken cancellationToken);
}

/// <summary>The effect of many events in one transaction, for events that arrive faster than one transaction each allows.</summary>
/// <typeparam name="TEvent">The event.</typeparam>
/// <typeparam name="TDbContext">The service's database.</typeparam>
public interface IBatchEventHandler<TEvent, in TDbContext>
    where TEvent : class, IIntegrationEvent
    where TDbContext : DbContext
{
    /// <summary>
    /// Applies the events in one transaction. When it throws, nothing of the batch is kept and each event is tried alone, in a batch of
    /// one, so that an event that cannot succeed takes no other with it.
    /// </summary>
    /// <param name="events">1 to the batch limit events, each once, none handled before.</param>
    /// <param name="db">The service's database, in a transaction.</param>
    /// <param name="cancellationToken">Cancelled when the process stops; the events are then delivered again.</param>
    /// <exception cref="UnprocessableEventException">Thrown for a batch of one: the event becomes a dead letter without further attempts.</exception>
    Task HandleAsync(IReadOnlyList<ReceivedEvent<TEvent>> events, TDbContext db, CancellationToken cancellationToken);
}

/// <summary>An event with the trace that it belongs to.</summary>
/// <param name="Event">The event.</param>
/// <param name="Trace">
/// The span that handles this event. Events of a batch come from different traces, so an event that a batch handler publishes in turn
/// passes this on to <see cref="IOutbox"/>; a single handler need not, <see cref="Activity.Current"/> is right there.
/// </param>
/// <typeparam name="TEvent">The event.</typeparam>
public readonly record struct ReceivedEvent<TEvent>(TEvent Event, ActivityContext Trace)
    where TEvent : class, IIntegrationEvent;

/// <summary>Thrown by a handler for an event that no repetition can make succeed.</summary>
/// <param name="message">Why, for the admin who reads the dead letter; without personal data.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class UnprocessableEventException(string message, Exception? innerException = null) : Exception(message, innerException);
