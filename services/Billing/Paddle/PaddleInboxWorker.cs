using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Paddle;

/// <summary>
/// Applies stored events, as many at once as <see cref="PaddleOptions.InboxWorkers"/> says: events of one payer one after the other, because each takes the payer's
/// lock, and others beside each other. It is woken by the webhook and looks by itself every second, for what other replicas have stored, what is due again, and
/// what a killed process left behind.
/// </summary>
/// <param name="scopes">A scope for each event.</param>
/// <param name="signal">Wakes the worker.</param>
/// <param name="options">How many events at once.</param>
/// <param name="logger">Gets outages.</param>
public sealed partial class PaddleInboxWorker(
    IServiceScopeFactory scopes, PaddleInboxSignal signal, IOptions<PaddleOptions> options, ILogger<PaddleInboxWorker> logger) : BackgroundService
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.InboxWorkers).Select(_ => WorkAsync(stoppingToken)));

    private async Task WorkAsync(CancellationToken stoppingToken)
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

/// <summary>Wakes the worker of this process: for each event that was stored one of those who wait.</summary>
/// <param name="options">How many can wait.</param>
public sealed class PaddleInboxSignal(IOptions<PaddleOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(0, options.Value.InboxWorkers);

    /// <summary>Something was stored.</summary>
    public void Raise()
    {
        lock (_semaphore)
        {
            // Once as many are told as there are, they find whatever else is stored.
            if (_semaphore.CurrentCount < options.Value.InboxWorkers)
            {
                _semaphore.Release();
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _semaphore.Dispose();

    internal Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _semaphore.WaitAsync(atMost, cancellationToken);
}
