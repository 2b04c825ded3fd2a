using System.Diagnostics.Metrics;
using BotGeneric.Usage.Rollups;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace BotGeneric.Usage.Invariants;

/// <summary>Checks the invariants again and again, and says how it went: as metrics, in the log, and as a line of the health report that never makes the service unready.</summary>
/// <param name="check">Checks.</param>
/// <param name="options">How often.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class InvariantWorker(
    InvariantCheck check, IOptions<RollupOptions> options, TimeProvider timeProvider, ILogger<InvariantWorker> logger) : BackgroundService, IHealthCheck
{
    /// <summary>The line's name.</summary>
    public const string Name = "ledger-invariants";

    // About a round over the accounts of a small installation; a violation is seen for so long.
    private const int RunsShown = 60;

    private static readonly Counter<long> Violations = UsageMetrics.Meter.CreateCounter<long>(
        "usage.invariant.violations", "{violation}", "Days of accounts on which the ledger and its rollups differ, or something is negative. Must stay 0.");

    private static readonly Counter<long> Accounts = UsageMetrics.Meter.CreateCounter<long>(
        "usage.invariant.accounts", "{account}", "Accounts whose invariants were checked.");

    private static readonly Counter<long> Skipped = UsageMetrics.Meter.CreateCounter<long>(
        "usage.invariant.skipped", "{part}", "Parts of accounts that took longer than a check of invariants may, and were left out.");

    private volatile bool _isViolated;

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_isViolated ? HealthCheckResult.Degraded() : HealthCheckResult.Healthy());

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.Value.InvariantInterval, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (await check.RunAsync(stoppingToken) is { } run)
                {
                    Accounts.Add(run.Accounts);
                    Violations.Add(run.Violations.Count);
                    if (run.Skipped > 0)
                    {
                        Skipped.Add(run.Skipped);
                        LogSkipped(logger, run.Skipped, options.Value.InvariantTimeout);
                    }

                    foreach (var violation in run.Violations.Take(20))
                    {
                        LogViolation(logger, violation.Kind, violation.AccountId, violation.Day, violation.Meter ?? "calls");
                    }
                }

                // Also of runs of other processes.
                _isViolated = (await check.LatestAsync(RunsShown, stoppingToken)).Any(latest => latest.Violations.Count > 0);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFailed(logger, exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The ledger and its rollups disagree ({Kind}): account {Account}, {Day}, {Meter}")]
    private static partial void LogViolation(ILogger logger, string kind, Guid account, DateOnly day, string meter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Parts} part(s) of accounts could not be checked within {Timeout} each (Usage:Rollups:InvariantTimeout)")]
    private static partial void LogSkipped(ILogger logger, int parts, TimeSpan timeout);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The check of invariants failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
