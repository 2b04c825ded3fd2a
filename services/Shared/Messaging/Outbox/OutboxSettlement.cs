using BotGeneric.Messaging.Data;
using BotGeneric.Messaging.DeadLetters;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BotGeneric.Messaging.Outbox;

/// <summary>Writes down what became of the rows of a round, in the round's transaction.</summary>
internal sealed class OutboxSettlement(MessagingOptions options, TimeProvider time, ILogger logger)
{
    private const string Delete = "DELETE FROM outbox WHERE sequence = ANY ($1)";

    private const string PutOff = "UPDATE outbox SET attempts = $2, not_before = $3, last_error = $4 WHERE sequence = $1";

    public async Task SettleAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyCollection<(OutboxRow Row, PublishResult Result)> results,
        CancellationToken cancellationToken)
    {
        var gone = new List<long>(results.Count);
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var (row, result) in results)
        {
            if (result == PublishResult.Confirmed)
            {
                gone.Add(row.Sequence);
                continue;
            }

            var attempts = row.Attempts + 1;
            if (IsHopeless(result, attempts))
            {
                gone.Add(row.Sequence);
                batch.BatchCommands.Add(DeadLetterSql.Upsert(Letter(row, result, attempts)));
                Log.PublishDeadLettered(logger, row.Id, row.Type, result.ToString(), attempts);
                MessagingDiagnostics.DeadLettered.Add(1, new KeyValuePair<string, object?>("direction", DeadLetterDirections.Publish));
                continue;
            }

            var notBefore = time.GetUtcNow() + Backoff.Exponential(options.PublishRetryDelay, 2, attempts, options.MaxPublishRetryDelay);
            batch.BatchCommands.Add(new NpgsqlBatchCommand(PutOff)
            {
                Parameters =
                {
                    new() { Value = row.Sequence }, new() { Value = attempts }, new() { Value = notBefore }, new() { Value = Explain(result) },
                },
            });
            Log.PublishFailed(logger, row.Id, row.Type, result.ToString(), attempts, notBefore);
            MessagingDiagnostics.PublishRetried.Add(1);
        }

        if (gone.Count > 0)
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Delete) { Parameters = { new() { Value = gone } } });
        if (batch.BatchCommands.Count > 0)
            await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// A malformed row never gets better. An unknown type may (the process was rolled back and will be rolled forward), a missing queue may, so
    /// both have their attempts. A broker that refuses is in trouble itself, which is no fault of the message however long it takes.
    /// </summary>
    private bool IsHopeless(PublishResult result, int attempts) => result switch
    {
        PublishResult.Malformed => true,
        PublishResult.UnknownType or PublishResult.Unroutable => attempts >= options.PublishAttempts,
        _ => false,
    };

    private DeadLetter Letter(OutboxRow row, PublishResult result, int attempts)
    {
        var now = time.GetUtcNow();
        return new DeadLetter
        {
            Id = Guid.CreateVersion7(now),
            Direction = DeadLetterDirections.Publish,
            Queue = row.Type,
            MessageId = row.Id,
            Type = row.Type,
            Body = System.Text.Encoding.UTF8.GetBytes(row.Body),
            OrderingKey = row.OrderingKey,
            TraceParent = row.TraceParent,
            TraceState = row.TraceState,
            Error = Explain(result),
            Attempts = attempts,
            FirstFailedAt = attempts == 1 ? now : row.CreatedAt,
            LastFailedAt = now,
        };
    }

    private static string Explain(PublishResult result) => result switch
    {
        PublishResult.Unroutable => "unroutable: the broker has no queue for this event",
        PublishResult.Refused => "refused: the broker could not store the message",
        PublishResult.UnknownType => "unknown type: this version of the service does not publish this event",
        PublishResult.Malformed => "malformed: the body is not JSON or is too large",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, null),
    };
}
