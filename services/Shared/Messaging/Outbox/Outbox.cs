using System.Diagnostics;
using System.Text;
using System.Text.Json;
using BotGeneric.Contracts;
using BotGeneric.Messaging.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace BotGeneric.Messaging.Outbox;

/// <summary>Writes outbox rows, with the trace of the caller.</summary>
internal sealed class TransactionalOutbox(MessagingRegistry registry, TimeProvider time) : IOutbox
{
    private const string InsertSql =
        """
        INSERT INTO outbox (id, type, body, trace_parent, trace_state, ordering_key, not_before, created_at)
        SELECT e.id, e.type, e.body, e.trace_parent, e.trace_state, e.ordering_key, e.not_before, $8
        FROM unnest($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY
            AS e (id, type, body, trace_parent, trace_state, ordering_key, not_before, position)
        ORDER BY e.position
        """;

    public void Add<TEvent>(DbContext db, TEvent @event, string? orderingKey, DateTimeOffset? notBefore, ActivityContext? trace)
        where TEvent : class, IIntegrationEvent
    {
        ArgumentNullException.ThrowIfNull(db);
        db.Set<OutboxMessage>().Add(Row(new OutboxEvent(@event, orderingKey, notBefore, trace), time.GetUtcNow()));
    }

    public Task InsertAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyCollection<OutboxEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(events);
        var now = time.GetUtcNow();
        return InsertAsync(connection, transaction, [.. events.Select(e => Row(e, now))], now, cancellationToken);
    }

    public Task InsertAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyCollection<SerializedEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(events);
        var now = time.GetUtcNow();
        return InsertAsync(
            connection,
            transaction,
            [.. events.Select(e => Row(registry.PublishedName(e.EventType), e.EventId, e.Body, e.Trace, null, now, now))],
            now,
            cancellationToken);
    }

    private static async Task InsertAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, OutboxMessage[] rows, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (rows.Length == 0)
            return;

        await using var command = new NpgsqlCommand(InsertSql, connection, transaction);
        command.Parameters.Add(new() { Value = Array.ConvertAll(rows, r => r.Id) });
        command.Parameters.Add(new() { Value = Array.ConvertAll(rows, r => r.Type) });
        command.Parameters.Add(new() { Value = Array.ConvertAll(rows, r => r.Body) });
        command.Parameters.Add(new() { Value = Array.ConvertAll(rows, r => r.TraceParent), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = Array.ConvertAll(rows, r => r.TraceState), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = Array.ConvertAll(rows, r => r.OrderingKey), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = Array.ConvertAll(rows, r => r.NotBefore) });
        command.Parameters.Add(new() { Value = now });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private OutboxMessage Row(OutboxEvent entry, DateTimeOffset now)
    {
        var @event = entry.Event;
        ArgumentNullException.ThrowIfNull(@event);
        var type = registry.PublishedName(@event.GetType());
        var body = JsonSerializer.Serialize(@event, @event.GetType(), EventJson.Options);
        return Row(type, @event.EventId, body, entry.Trace ?? Activity.Current?.Context ?? default, entry.OrderingKey, entry.NotBefore ?? now, now);
    }

    private static OutboxMessage Row(
        string type, Guid id, string body, ActivityContext trace, string? orderingKey, DateTimeOffset notBefore, DateTimeOffset now)
    {
        if (id == Guid.Empty)
            throw new ArgumentException($"{type} has no EventId.", nameof(id));
        if (Encoding.UTF8.GetByteCount(body) > OutboxLimits.MaxBodyBytes)
            throw new ArgumentException($"{type} is larger than {OutboxLimits.MaxBodyBytes} bytes.", nameof(body));

        return new OutboxMessage
        {
            Id = id,
            Type = type,
            Body = body,
            TraceParent = TraceContext.Format(trace),
            TraceState = trace.TraceState,
            OrderingKey = orderingKey,
            NotBefore = notBefore.ToUniversalTime(),
            CreatedAt = now,
        };
    }
}
