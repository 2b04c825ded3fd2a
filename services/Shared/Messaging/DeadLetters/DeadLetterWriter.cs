using System.Text.Json;
using BotGeneric.Messaging.Data;
using BotGeneric.Messaging.Inbox;
using MassTransit;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BotGeneric.Messaging.DeadLetters;

/// <summary>Why a delivery is put aside.</summary>
internal sealed record ConsumeFailure(string Queue, Guid? MessageId, string? Type, Exception Exception, int Attempts, DateTimeOffset FirstFailedAt);

/// <summary>Puts deliveries aside, and does not return before they are safe: what it was given is acknowledged next.</summary>
internal sealed class DeadLetterWriter(NpgsqlDataSource dataSource, OutageHold hold, TimeProvider time, ILogger<DeadLetterWriter> logger)
{
    public async Task WriteAsync(ConsumeFailure failure, ReceiveContext receive, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var trace = DeliveryHeaders.Trace(receive);
        var letter = new DeadLetter
        {
            Id = Guid.CreateVersion7(now),
            Direction = DeadLetterDirections.Consume,
            Queue = failure.Queue,
            MessageId = failure.MessageId,
            Type = failure.Type,
            Body = receive.Body.GetBytes(),
            Headers = JsonSerializer.Serialize(DeliveryHeaders.All(receive)).Replace("\\u0000", " ", StringComparison.Ordinal),
            TraceParent = TraceContext.Format(trace),
            TraceState = trace.TraceState,
            Error = Explain(failure.Exception),
            Attempts = failure.Attempts,
            FirstFailedAt = failure.FirstFailedAt,
            LastFailedAt = now,
        };
        // A message that can be neither handled nor put aside (the table is missing, the disk is full) has to wait, not to spin.
        await hold.InsistAsync(
            failure.Queue, 1,
            async () =>
            {
                await using var batch = dataSource.CreateBatch();
                batch.BatchCommands.Add(DeadLetterSql.Upsert(letter));
                return await batch.ExecuteNonQueryAsync(cancellationToken);
            },
            cancellationToken);

        MessagingDiagnostics.Step(MessagingSteps.DeadLetterWritten);
        MessagingDiagnostics.DeadLettered.Add(1, new KeyValuePair<string, object?>("direction", DeadLetterDirections.Consume));
        Log.ConsumeDeadLettered(logger, failure.Exception, failure.Queue, failure.MessageId, failure.Attempts);
    }

    /// <summary>Types and messages of an exception and its causes, without stack traces.</summary>
    public static string Explain(Exception exception)
    {
        var lines = new List<string>();
        for (var current = exception; current is not null; current = current.InnerException)
            lines.Add($"{current.GetType().FullName}: {current.Message}");
        return string.Join('\n', lines);
    }
}
