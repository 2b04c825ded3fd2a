using System.Text.Json;
using BotGeneric.Simulators.Paddle.Persistence;
using BotGeneric.Simulators.Paddle.State;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Paddle.Notifications;

/// <summary>Delivers in the background, one at a time, and again what was not answered with 200.</summary>
/// <param name="world">The lock, the clock.</param>
/// <param name="queue">What to deliver.</param>
/// <param name="services">Makes the sender: its connections are renewed from time to time.</param>
/// <param name="timeProvider">Measures the waits.</param>
/// <param name="options">The delays between attempts.</param>
/// <param name="journal">Where it is written down what arrived.</param>
/// <param name="logger">Says what was not accepted.</param>
internal sealed partial class NotificationDispatcher(
    PaddleWorld world,
    DeliveryQueue queue,
    IServiceProvider services,
    TimeProvider timeProvider,
    IOptions<PaddleSimulatorOptions> options,
    WorldJournal journal,
    ILogger<NotificationDispatcher> logger) : BackgroundService
{
    // Sandbox: three retries within 15 minutes.
    private static readonly TimeSpan[] SandboxDelays = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(9)];

    private IList<TimeSpan> Delays => options.Value.RetryDelays is { Count: > 0 } configured ? configured : SandboxDelays;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            Notification? notification;
            TimeSpan? wait;
            Task changed;
            lock (world.Gate)
            {
                notification = queue.Take(out wait);
                changed = queue.Changed;
            }

            if (notification is null)
            {
                await WaitAsync(changed, wait, stoppingToken);
                continue;
            }

            await DeliverAsync(notification, stoppingToken);
        }
    }

    private async Task WaitAsync(Task changed, TimeSpan? wait, CancellationToken stoppingToken)
    {
        if (wait is not { } time)
        {
            await changed.WaitAsync(stoppingToken);
            return;
        }

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(changed, Task.Delay(time, timeProvider, enough.Token));
        await enough.CancelAsync();
    }

    private async Task DeliverAsync(Notification notification, CancellationToken stoppingToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(notification.Event.Envelope(notification.Id));
        var sender = services.GetRequiredService<PaddleNotifications>();
        DeliveryAnswer? answer = null;
        try
        {
            answer = await sender.DeliverAsync(notification.Destination.Url, notification.Destination.Secret, body, stoppingToken);
        }
        finally
        {
            lock (world.Gate)
            {
                Record(world.Notifications.Touch(notification), answer);
                queue.Finish();
                journal.Write();
            }
        }

        if (answer is not { Status: StatusCodes.Status200OK })
        {
            LogRefused(notification.Event.Type, notification.Id, answer?.Status);
        }
    }

    private void Record(Notification notification, DeliveryAnswer? answer)
    {
        var now = world.Clock.Now;
        notification.Attempts.Add(new DeliveryAttempt(world.Ids.New("ntflog"), answer?.Status ?? 0, answer?.ContentType, answer?.Body ?? string.Empty, now));
        notification.UpdatedAt = now;
        if (answer is { Status: StatusCodes.Status200OK })
        {
            (notification.Status, notification.DeliveredAt, notification.RetryAt) = (NotificationStatuses.Delivered, now, null);
            return;
        }

        // A copy of one that arrived before stays delivered.
        if (notification.Status == NotificationStatuses.Delivered)
        {
            return;
        }

        var retries = notification.Attempts.Count - 1;
        if (notification.Event.Simulated || retries >= Delays.Count)
        {
            (notification.Status, notification.RetryAt) = (NotificationStatuses.Failed, null);
            return;
        }

        (notification.Status, notification.RetryAt) = (NotificationStatuses.NeedsRetry, now + Delays[retries]);
        queue.Retry(notification, now + Delays[retries]);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The notification {NotificationId} of {EventType} was not accepted: {Status}")]
    private partial void LogRefused(string eventType, string notificationId, int? status);
}
