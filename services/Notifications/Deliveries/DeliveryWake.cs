using BotGeneric.Notifications.Email;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Notifications.Deliveries;

/// <summary>Wakes the worker of this process. Any number of pulses while it works is one more round, never none.</summary>
internal sealed class DeliveryWake(TimeProvider timeProvider) : IDisposable
{
    /// <summary>The channel of PostgreSQL on which every replica hears of a new delivery.</summary>
    public const string Channel = "deliveries";

    private readonly SemaphoreSlim _pulse = new(0, 1);
    private readonly Lock _gate = new();

    public void Pulse()
    {
        lock (_gate)
        {
            if (_pulse.CurrentCount == 0)
            {
                _pulse.Release();
            }
        }
    }

    /// <summary>Returns at the next pulse or after <paramref name="longest"/>.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        using var alarm = new CancellationTokenSource(longest, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(alarm.Token, cancellationToken);
        try
        {
            await _pulse.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is up: that is the other way to wake.
        }
    }

    public void Dispose() => _pulse.Dispose();
}

/// <summary>Hears of new deliveries over a connection of its own. Without it the worker merely polls.</summary>
internal sealed partial class DeliveryListener(
    NpgsqlDataSource dataSource, DeliveryWake wake, IOptions<EmailOptions> options, TimeProvider timeProvider, ILogger<DeliveryListener> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (options.Value.IsConfigured && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogLost(logger, exception, options.Value.PollInterval);
                await Task.Delay(options.Value.PollInterval, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        connection.Notification += (_, _) => wake.Pulse();
        await using (var listen = new NpgsqlCommand($"LISTEN {DeliveryWake.Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        // What came while nobody listened was announced to nobody.
        wake.Pulse();
        while (true)
        {
            await connection.WaitAsync(cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "New deliveries are not announced, the connection was lost; polling goes on, next attempt in {Delay}")]
    private static partial void LogLost(ILogger logger, Exception exception, TimeSpan delay);
}
