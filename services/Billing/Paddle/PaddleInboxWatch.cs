using System.Diagnostics.Metrics;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BotGeneric.Billing.Paddle;

/// <summary>
/// Counts events that wait and events that have failed, for metrics and for a line of the health report: an event that failed is money that somebody has to look
/// at, and never makes the service unready.
/// </summary>
internal sealed partial class PaddleInboxWatch : BackgroundService, IHealthCheck
{
    /// <summary>The line's name.</summary>
    public const string Name = "paddle-inbox";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<PaddleInboxWatch> _logger;
    private long _pending;
    private long _failed;

    /// <summary>Creates the instruments.</summary>
    public PaddleInboxWatch(IServiceScopeFactory scopes, TimeProvider timeProvider, IMeterFactory meters, ILogger<PaddleInboxWatch> logger)
    {
        (_scopes, _timeProvider, _logger) = (scopes, timeProvider, logger);
        meters.Create(PaddleInbox.SourceName).CreateObservableGauge(
            "paddle.inbox.events",
            Measure,
            "{event}",
            "Events that are not settled, by status. Pending ones should not stay; failed must be 0.");
    }

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Interlocked.Read(ref _failed) > 0 ? HealthCheckResult.Degraded() : HealthCheckResult.Healthy());

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await CountAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(_logger, exception);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(Interval, _timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var counts = await scope.ServiceProvider.GetRequiredService<BillingDbContext>().WebhookEvents.AsNoTracking()
            .Where(inbox => inbox.Status == WebhookEventStatus.Pending || inbox.Status == WebhookEventStatus.Failed)
            .GroupBy(inbox => inbox.Status)
            .Select(group => new { group.Key, Count = group.LongCount() })
            .ToDictionaryAsync(row => row.Key, row => row.Count, cancellationToken);
        Interlocked.Exchange(ref _pending, counts.GetValueOrDefault(WebhookEventStatus.Pending));
        Interlocked.Exchange(ref _failed, counts.GetValueOrDefault(WebhookEventStatus.Failed));
    }

    private Measurement<long>[] Measure() =>
    [
        new(Interlocked.Read(ref _pending), new KeyValuePair<string, object?>("status", "pending")),
        new(Interlocked.Read(ref _failed), new KeyValuePair<string, object?>("status", "failed")),
    ];

    [LoggerMessage(Level = LogLevel.Warning, Message = "The events of Paddle's inbox cannot be counted; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
