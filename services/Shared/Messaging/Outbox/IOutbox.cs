using System.Diagnostics;
using BotGeneric.Contracts;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BotGeneric.Messaging;

/// <summary>
/// Says something to the other services, in the transaction of the change that it speaks of: the event exists exactly when the change is
/// committed. A dispatcher then brings it to the broker, at least once.
/// </summary>
/// <remarks>
/// Events of one ordering key are published in the order in which they were inserted. For concurrent writers of one aggregate that is the
/// order of their commits only if the aggregate has a concurrency token or a row lock, so that the later one starts from the earlier one.
/// </remarks>
public interface IOutbox
{
    /// <summary>Adds an event to the changes of a context; the caller's <c>SaveChangesAsync</c> commits both.</summary>
    /// <param name="db">The service's context.</param>
    /// <param name="event">An event that was registered with <c>Publishes</c>.</param>
    /// <param name="orderingKey">Keeps the events of one aggregate in order, such as its id; null when order does not matter.</param>
    /// <param name="notBefore">Not published before this time; null for at once.</param>
    /// <param name="trace">The trace that the event belongs to; the current one by default.</param>
    /// <typeparam name="TEvent">The event's type.</typeparam>
    /// <exception cref="InvalidOperationException">The event was not registered with <c>Publishes</c>.</exception>
    /// <exception cref="ArgumentException">The event is larger than <see cref="OutboxLimits.MaxBodyBytes"/> or has no id.</exception>
    void Add<TEvent>(DbContext db, TEvent @event, string? orderingKey = null, DateTimeOffset? notBefore = null, ActivityContext? trace = null)
        where TEvent : class, IIntegrationEvent;

    /// <summary>Inserts events in a transaction that is not a context's, in one statement; for paths that write with <c>COPY</c>.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="transaction">The transaction of the change that the events speak of.</param>
    /// <param name="events">The events, in their order.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    /// <exception cref="InvalidOperationException">An event was not registered with <c>Publishes</c>.</exception>
    /// <exception cref="ArgumentException">An event is larger than <see cref="OutboxLimits.MaxBodyBytes"/> or has no id.</exception>
    Task InsertAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyCollection<OutboxEvent> events, CancellationToken cancellationToken);

    /// <summary>As above, for paths so busy that they write the JSON themselves.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="transaction">The transaction of the change that the events speak of.</param>
    /// <param name="events">The events, in their order.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    /// <exception cref="InvalidOperationException">An event was not registered with <c>Publishes</c>.</exception>
    /// <exception cref="ArgumentException">An event is larger than <see cref="OutboxLimits.MaxBodyBytes"/> or has no id.</exception>
    Task InsertAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyCollection<SerializedEvent> events, CancellationToken cancellationToken);
}

/// <summary>An event on its way into the outbox.</summary>
/// <param name="Event">The event.</param>
/// <param name="OrderingKey">Keeps the events of one aggregate in order; null when order does not matter.</param>
/// <param name="NotBefore">Not published before this time; null for at once.</param>
/// <param name="Trace">The trace that the event belongs to; the current one by default.</param>
public sealed record OutboxEvent(
    IIntegrationEvent Event, string? OrderingKey = null, DateTimeOffset? NotBefore = null, ActivityContext? Trace = null);

/// <summary>An event on its way into the outbox that is JSON already.</summary>
/// <param name="EventType">The event's type.</param>
/// <param name="EventId">The event's id.</param>
/// <param name="Body">The event, exactly as the serializer of messages would write it: what reads it does not know the difference.</param>
/// <param name="Trace">The trace that the event belongs to; none by default.</param>
public sealed record SerializedEvent(Type EventType, Guid EventId, string Body, ActivityContext Trace = default);

/// <summary>What the outbox refuses.</summary>
public static class OutboxLimits
{
    /// <summary>
    /// Largest event as JSON, in bytes. A broker closes the channel of a publisher whose message is too large (16 MiB on RabbitMQ 4), which
    /// would stop every other message too, so the limit stands at the door and far below.
    /// </summary>
    public const int MaxBodyBytes = 1024 * 1024;
}
