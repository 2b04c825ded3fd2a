namespace BotGeneric.Billing.Paddle;

/// <summary>
/// Applies stored events one after the other. It is woken by the webhook and looks by itself every second, for what other replicas
/// have stored, what is due again, and what a killed process left behind.
/// </summary>
/// <param name="scopes">A scope for each event.</param>
/// <param name="signal">Wakes the worker.</param>
/// <param name="logger">Gets outages.</param>
public sealed partial class PaddleInboxWorker(IServiceScopeFactory scopes, PaddleInboxSignal signal, ILogger<PaddleInboxWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await ApplyNextAsync(stoppingToken))
                {
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is, the process must not end for it: the event is still pending, and the wait below keeps the log readable.
                LogOutage(logger, exception);
            }

            await signal.WaitAsync(PollInterval, stoppingToken);
        }
    }

    private async Task<bool> ApplyNextAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PaddleInbox>().ApplyNextAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The Paddle inbox cannot be read; the worker keeps trying")]
    private static partial void LogOutage(ILogger logger, Exception exception);
}

/// <summary>Wakes the worker of this process.</summary>
public sealed class PaddleInboxSignal : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(0, 1);

    /// <summary>Something was stored.</summary>
    public void Raise()
    {
        lock (_semaphore)
        {
            if (_semaphore.CurrentCount == 0)
            {
                _semaphore.Release();
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _semaphore.Dispose();

    internal Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _semaphore.WaitAsync(atMost, cancellationToken);
}
