using System.Data;
using BotGeneric.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace BotGeneric.Messaging.Inbox;

/// <summary>What a handler does with new events, whether it takes one or many.</summary>
internal delegate Task EventEffect<TEvent, in TDbContext>(
    IServiceProvider services, TDbContext db, IReadOnlyList<ReceivedEvent<TEvent>> events, CancellationToken cancellationToken)
    where TEvent : class, IIntegrationEvent
    where TDbContext : DbContext;

/// <summary>
/// One transaction: the inbox entries of the messages, and the effect of those that were new. Two deliveries of the same message at the same
/// time meet at the primary key: the second waits until the first has committed, and then finds the entry.
/// </summary>
internal sealed class InboxTransaction<TEvent, TDbContext>(
    IServiceScopeFactory scopes, TimeProvider time, string consumer, EventEffect<TEvent, TDbContext> effect)
    where TEvent : class, IIntegrationEvent
    where TDbContext : DbContext
{
    private const string Insert =
        """
        INSERT INTO inbox (consumer, message_id, processed_at) SELECT $1, id, $3 FROM unnest($2) AS id
        ON CONFLICT DO NOTHING RETURNING message_id
        """;

    /// <summary>Applies the events that this consumer has not handled before and commits.</summary>
    /// <param name="events">The events; the same one may be among them twice.</param>
    /// <param name="inTransaction">Done in the same transaction after the effect; false from it rolls everything back.</param>
    /// <param name="cancellationToken">Rolls back.</param>
    /// <returns>How many were new.</returns>
    public async Task<int> ApplyAsync(
        IReadOnlyList<ReceivedEvent<TEvent>> events, Func<NpgsqlConnection, NpgsqlTransaction, Task>? inTransaction, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDbContext>();
        // A context that is configured to retry refuses a transaction outside of its strategy; any other runs this once.
        return await db.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                db.ChangeTracker.Clear();
                await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, token);
                MessagingDiagnostics.Step(MessagingSteps.InboxOpened);
                var connection = (NpgsqlConnection)db.Database.GetDbConnection();
                var raw = (NpgsqlTransaction)transaction.GetDbTransaction();
                var fresh = await RememberAsync(connection, raw, events, token);
                MessagingDiagnostics.Step(MessagingSteps.InboxInserted, fresh.Count);
                if (fresh.Count > 0)
                {
                    await effect(scope.ServiceProvider, db, fresh, token);
                    await db.SaveChangesAsync(token);
                    MessagingDiagnostics.Step(MessagingSteps.InboxEffect, fresh.Count);
                }

                if (inTransaction is not null)
                    await inTransaction(connection, raw);
                await transaction.CommitAsync(token);
                MessagingDiagnostics.Step(MessagingSteps.InboxCommitted, fresh.Count);
                return fresh.Count;
            },
            cancellationToken);
    }

    private async Task<IReadOnlyList<ReceivedEvent<TEvent>>> RememberAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<ReceivedEvent<TEvent>> events, CancellationToken cancellationToken)
    {
        // Sorted, so that two transactions that share messages wait for each other in the same order and cannot deadlock.
        var ids = events.Select(e => e.Event.EventId).Distinct().Order().ToArray();
        var fresh = new HashSet<Guid>(ids.Length);
        await using var command = new NpgsqlCommand(Insert, connection, transaction)
        {
            Parameters = { new() { Value = consumer }, new() { Value = ids }, new() { Value = time.GetUtcNow() } },
        };
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                fresh.Add(reader.GetGuid(0));
        }

        // Removing while choosing keeps the first of two equal ids and drops the second.
        return [.. events.Where(e => fresh.Remove(e.Event.EventId))];
    }
}
