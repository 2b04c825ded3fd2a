using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Billing.Reconciliation;

/// <summary>
/// Runs comparisons when it is time, when an admin asks, and when one was interrupted; says how the last one ended as a line of the health report that never
/// makes the service unready.
/// </summary>
/// <param name="scopes">A scope for each look.</param>
/// <param name="dataSource">For the lock.</param>
/// <param name="runner">Runs them.</param>
/// <param name="signal">Wakes the worker.</param>
/// <param name="paddle">Whether there is a key.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Gets outages.</param>
internal sealed partial class ReconciliationWorker(
    IServiceScopeFactory scopes,
    NpgsqlDataSource dataSource,
    ReconciliationRunner runner,
    ReconciliationSignal signal,
    IOptions<PaddleOptions> paddle,
    TimeProvider timeProvider,
    ILogger<ReconciliationWorker> logger) : BackgroundService, IHealthCheck
{
    /// <summary>The line's name.</summary>
    public const string Name = "paddle-reconciliation";

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private volatile bool _isTroubled;

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_isTroubled ? HealthCheckResult.Degraded() : HealthCheckResult.Healthy());

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (string.IsNullOrEmpty(paddle.Value.ApiKey))
        {
            return;
        }

        var startedAt = timeProvider.GetUtcNow();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(startedAt, stoppingToken);
                await signal.WaitAsync(Interval, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogOutage(logger, exception);
                await Task.Delay(Interval, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task LookAsync(DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var due = await scope.ServiceProvider.GetRequiredService<ReconciliationSchedule>().DueAsync(startedAt, cancellationToken);
        if (due is not null)
        {
            await using var held = await AdvisoryLock.TryTakeAsync(dataSource, BillingWork.Reconciliation, cancellationToken);
            if (held is not null)
            {
                await runner.RunAsync(due.Id, held, cancellationToken);
            }
        }

        var last = await scope.ServiceProvider.GetRequiredService<BillingDbContext>().ReconciliationRuns.AsNoTracking()
            .Where(run => run.Status != ReconciliationStatus.Running)
            .OrderByDescending(run => run.StartedAt)
            .FirstOrDefaultAsync(cancellationToken);
        _isTroubled = last is { Status: ReconciliationStatus.Failed } || last?.Differences > last?.Healed;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Comparisons with Paddle cannot be begun; the worker keeps trying")]
    private static partial void LogOutage(ILogger logger, Exception exception);
}

/// <summary>Wakes the worker of this process.</summary>
public sealed class ReconciliationSignal : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(0, 1);

    /// <summary>There is something to do.</summary>
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
