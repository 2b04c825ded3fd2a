using BotGeneric.Messaging.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Messaging.Outbox;

/// <summary>Hears the outbox's trigger over a connection of its own and wakes the dispatcher. Without it the dispatcher merely polls.</summary>
internal sealed class OutboxListener(
    NpgsqlDataSource dataSource, OutboxWake wake, IOptions<MessagingOptions> options, TimeProvider time, ILogger<OutboxListener> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await dataSource.OpenConnectionAsync(stoppingToken);
                connection.Notification += (_, _) => wake.Pulse();
                await using (var listen = new NpgsqlCommand($"LISTEN {OutboxTrigger.Channel}", connection))
                    await listen.ExecuteNonQueryAsync(stoppingToken);
                failures = 0;
                // What was inserted while nobody listened was announced to nobody.
                wake.Pulse();
                while (true)
                    await connection.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                var delay = Backoff.Exponential(TimeSpan.FromMilliseconds(200), 2, ++failures, options.Value.MaxOutageDelay);
                Log.ListenerFailed(logger, exception, delay);
                await Task.Delay(delay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
