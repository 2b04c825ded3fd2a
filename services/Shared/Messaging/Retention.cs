using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Messaging;

/// <summary>
/// Forgets handled messages and old dead letters, in chunks, so that no transaction is long and no replica waits for another: rows that
/// another one is deleting are skipped. Sent outbox rows need no retention, they are deleted when they are sent.
/// </summary>
internal sealed class Retention(NpgsqlDataSource dataSource, IOptions<MessagingOptions> options, TimeProvider time, ILogger<Retention> logger)
    : BackgroundService
{
    private const string PruneInbox =
        """
        DELETE FROM inbox WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM inbox WHERE processed_at < $1 ORDER BY processed_at LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    private const string PruneDeadLetters =
        """
        DELETE FROM dead_letters WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM dead_letters WHERE last_failed_at < $1 AND coalesce(replayed_at, last_failed_at) < $1
            ORDER BY last_failed_at LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    private readonly MessagingOptions _options = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await PruneAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                Log.PruningFailed(logger, exception, _options.PruneInterval);
            }

            await Task.Delay(_options.PruneInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    internal async Task PruneAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var inbox = await PruneAsync(PruneInbox, now - _options.InboxRetention, cancellationToken);
        var deadLetters = await PruneAsync(PruneDeadLetters, now - _options.DeadLetterRetention, cancellationToken);
        if (inbox + deadLetters > 0)
            Log.Pruned(logger, inbox, deadLetters);
    }

    private async Task<long> PruneAsync(string sql, DateTimeOffset before, CancellationToken cancellationToken)
    {
        long total = 0;
        int chunk;
        do
        {
            await using var command = dataSource.CreateCommand(sql);
            command.Parameters.Add(new() { Value = before });
            command.Parameters.Add(new() { Value = _options.PruneChunk });
            chunk = await command.ExecuteNonQueryAsync(cancellationToken);
            total += chunk;
        }
        while (chunk == _options.PruneChunk);

        return total;
    }
}
