using BotGeneric.Notifications.Email;
using Microsoft.Extensions.Options;

namespace BotGeneric.Notifications.Deliveries;

/// <summary>
/// Sends what is due: at once when something is asked for, else when the next delivery is due, and at least every poll interval. Several lanes
/// work side by side, so that a slow answer holds up its own message only; who claims one wakes another lane for the next. While the mail server
/// is away all of them pause longer and longer instead of running every waiting message against a closed door.
/// </summary>
internal sealed partial class DeliveryWorker(
    IServiceScopeFactory scopes,
    DeliveryCare care,
    DeliveryWake wake,
    MailServer server,
    IOptions<EmailOptions> options,
    TimeProvider timeProvider,
    ILogger<DeliveryWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly DeliveryWake _settled = new(timeProvider);
    private readonly Lock _gate = new();
    private int _outages;
    private Task _pause = Task.CompletedTask;

    public override void Dispose()
    {
        _settled.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var lanes = 0;
        if (options.Value.IsConfigured)
        {
            lanes = options.Value.Concurrency;
        }
        else
        {
            LogNotConfigured(logger);
        }

        await Task.WhenAll(Enumerable.Range(0, lanes).Select(_ => RepeatAsync(SendAsync, stoppingToken)).Append(RepeatAsync(CareAsync, stoppingToken)));
    }

    private async Task RepeatAsync(Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await work(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Whatever it is, the process must not end for it: what was claimed is still pending.
                LogFailed(logger, exception);
                await Task.Delay(options.Value.PollInterval, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One lane: sends until nothing is due, by one connection.</summary>
    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await wake.WaitAsync(options.Value.PollInterval, cancellationToken);
        await _pause.WaitAsync(cancellationToken);
        await using var connection = server.Open();
        var step = SendStep.Tried;
        var tried = false;
        while (step == SendStep.Tried)
        {
            await using var scope = scopes.CreateAsyncScope();
            step = await scope.ServiceProvider.GetRequiredService<DeliveryQueue>().SendNextAsync(connection, cancellationToken);
            tried |= step != SendStep.Idle;
            Note(step, cancellationToken);
        }

        if (tried)
        {
            // What was put off has a new time, which may be the next.
            _settled.Pulse();
        }
    }

    private void Note(SendStep step, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (step == SendStep.Tried)
            {
                _outages = 0;
            }
            else if (step == SendStep.ServerUnavailable && _pause.IsCompleted)
            {
                var delay = RetryDelays.After(++_outages, options.Value);
                delay = delay < LongestPause ? delay : LongestPause;
                LogServerUnavailable(logger, server.Trouble, delay);
                _pause = Task.Delay(delay, timeProvider, cancellationToken);
            }
        }
    }

    /// <summary>One round of care, and a pulse for the lanes when the next delivery is due.</summary>
    private async Task CareAsync(CancellationToken cancellationToken)
    {
        var looked = timeProvider.GetUtcNow();
        wake.Pulse();
        var next = await care.RunAsync(looked, cancellationToken);
        await _settled.WaitAsync(WaitUntil(next), cancellationToken);
    }

    private TimeSpan WaitUntil(DateTimeOffset? next)
    {
        var longest = options.Value.PollInterval;
        if (next is not { } due || due - timeProvider.GetUtcNow() >= longest)
        {
            return longest;
        }

        // A timer may ring a moment early; a millisecond more keeps the delivery from being looked at before it is due.
        var wait = due - timeProvider.GetUtcNow() + TimeSpan.FromMilliseconds(1);
        return wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Email:Host is not set: e-mail is not sent. Messages that are asked for wait until it is")]
    private static partial void LogNotConfigured(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The mail server cannot be used ({Trouble}); messages wait, next look in {Pause}")]
    private static partial void LogServerUnavailable(ILogger logger, string? trouble, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Error, Message = "Deliveries cannot be read or written; the worker keeps trying")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
