using System.Text;
using BotGeneric.Messaging.Data;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace BotGeneric.Messaging.DeadLetters;

/// <summary>How a replay ended.</summary>
internal enum ReplayOutcome
{
    Replayed,
    NotFound,
    AlreadyReplayed,
    Failed,
}

/// <summary>
/// Gives a dead letter another chance. Consumed: its handler runs here and now. Published: it goes back into the outbox. Either way "replayed"
/// commits with the effect, so two admins who press at once have one effect.
/// </summary>
internal sealed class DeadLetterReplay(
    NpgsqlDataSource dataSource, MessagingRegistry registry, IServiceProvider services, TimeProvider time, ILogger<DeadLetterReplay> logger)
{
    private const string BackToOutbox =
        """
        INSERT INTO outbox (id, type, body, trace_parent, trace_state, ordering_key, not_before, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
        """;

    public async Task<(ReplayOutcome Outcome, string? Reason)> ReplayAsync(Guid id, string replayedBy, CancellationToken cancellationToken)
    {
        var letter = await DeadLetterSql.FindAsync(dataSource, id, cancellationToken);
        if (letter is null)
            return (ReplayOutcome.NotFound, null);
        if (letter.ReplayedAt is not null)
            return (ReplayOutcome.AlreadyReplayed, null);

        try
        {
            await (letter.Direction == DeadLetterDirections.Publish
                ? PublishAgainAsync(letter, replayedBy, cancellationToken)
                : ConsumeAgainAsync(letter, replayedBy, cancellationToken));
            Log.Replayed(logger, id);
            return (ReplayOutcome.Replayed, null);
        }
        catch (AlreadyReplayedException)
        {
            return (ReplayOutcome.AlreadyReplayed, null);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.ReplayFailed(logger, exception, id);
            var reason = DeadLetterWriter.Explain(exception);
            await DeadLetterSql.RecordFailureAsync(dataSource, id, reason, time.GetUtcNow(), cancellationToken);
            return (ReplayOutcome.Failed, reason);
        }
    }

    private async Task PublishAgainAsync(DeadLetter letter, string replayedBy, CancellationToken cancellationToken)
    {
        if (letter.MessageId is not { } messageId || letter.Type is not { } type || !registry.TryGetPublished(type, out _))
            throw new UnprocessableEventException("This version of the service does not publish this event.");

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        await DeadLetterSql.MarkReplayedAsync(connection, transaction, letter.Id, now, replayedBy, cancellationToken);
        await using var insert = new NpgsqlCommand(BackToOutbox, connection, transaction)
        {
            Parameters =
            {
                new() { Value = messageId },
                new() { Value = type },
                new() { Value = Encoding.UTF8.GetString(letter.Body) },
                new() { Value = (object?)letter.TraceParent ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = (object?)letter.TraceState ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = (object?)letter.OrderingKey ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = now },
            },
        };
        await insert.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task ConsumeAgainAsync(DeadLetter letter, string replayedBy, CancellationToken cancellationToken)
    {
        var consumer = registry.Consumers.FirstOrDefault(c => c.QueueName == letter.Queue)
            ?? throw new UnprocessableEventException("This version of the service does not consume this queue.");
        await consumer.ReplayAsync(letter, replayedBy, services, cancellationToken);
    }
}
