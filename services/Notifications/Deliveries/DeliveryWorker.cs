using BotGeneric.Notifications.Email;
using Microsoft.Extensions.Options;

namespace BotGeneric.Notifications.Deliveries;

/// <summary>
/// Sends what is due: at once when something is asked for, else when the next delivery is due, and at least every poll interval. While the mail
/// server is away it pauses longer and longer instead of running every waiting message against a closed door.
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.IsConfigured)
        {
            LogNotConfigured(logger);
        }

        var outages = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var looked = timeProvider.GetUtcNow();
                var isServerAway = options.Value.IsConfigured && !await DrainAsync(stoppingToken);
                var next = await care.RunAsync(looked, stoppingToken);
                if (isServerAway)
                {
                    var pause = Pause(++outages);
                    LogServerUnavailable(logger, server.Trouble, pause);
                    await Task.Delay(pause, timeProvider, stoppingToken);
                    continue;
                }

                outages = 0;
                await wake.WaitAsync(WaitUntil(next), stoppingToken);
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

    /// <summary>Sends until nothing is due. False when the mail server is away.</summary>
    private async Task<bool> DrainAsync(CancellationToken cancellationToken)
    {
        // Looked at before the lanes start: else every look of an idle system would be several.
        var lanes = await DrainLaneAsync(limit: 1, cancellationToken) switch
        {
            SendStep.Idle => [],
            SendStep.ServerUnavailable => [SendStep.ServerUnavailable],
            _ => await Task.WhenAll(Enumerable.Range(0, options.Value.Concurrency).Select(_ => DrainLaneAsync(int.MaxValue, cancellationToken))),
        };
        return !lanes.Contains(SendStep.ServerUnavailable);
    }

    private async Task<SendStep> DrainLaneAsync(int limit, CancellationToken cancellationToken)
    {
        await using var connection = server.Open();
        var step = SendStep.Idle;
        for (var sent = 0; sent < limit && !cancellationToken.IsCancellationRequested; sent++)
        {
            await using var scope = scopes.CreateAsyncScope();
            step = await scope.ServiceProvider.GetRequiredService<DeliveryQueue>().SendNextAsync(connection, cancellationToken);
            if (step != SendStep.Tried)
            {
                break;
            }
        }

        return step;
    }

    private TimeSpan Pause(int outages)
    {
        var delay = RetryDelays.After(outages, options.Value);
        return delay < LongestPause ? delay : LongestPause;
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
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Email:Host is not set: e-mail is not sent. Messages that are asked for wait until it is")]
    private static partial void LogNotConfigured(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The mail server cannot be used ({Trouble}); messages wait, next look in {Pause}")]
    private static partial void LogServerUnavailable(ILogger logger, string? trouble, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Error, Message = "Deliveries cannot be read or written; the worker keeps trying")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
