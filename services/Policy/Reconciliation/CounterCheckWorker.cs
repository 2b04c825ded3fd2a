using System.Diagnostics.Metrics;
using BotGeneric.ServiceDefaults.Validation;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Policy.Reconciliation;

/// <summary>Keys under <c>Policy:Reconciliation</c>.</summary>
public sealed class ReconciliationOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Policy:Reconciliation";

    /// <summary>How long a process waits between two runs. Default 1 minute.</summary>
    [DurationRange("00:00:01", "1.00:00:00", ErrorMessage = "Policy:Reconciliation:Interval must be between 1 second and 1 day.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many accounts a run looks at; the next run goes on with those that follow. Default 100.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, 10_000, ErrorMessage = "Policy:Reconciliation:Accounts must be from 1 to 10000.")]
    public int Accounts { get; set; } = 100;
}

/// <summary>
/// Checks the counters again and again, and says how it went: as metrics, in the log, as a line of the health report that never makes the service unready, and to admins.
/// </summary>
internal sealed partial class CounterCheckWorker : BackgroundService, IHealthCheck
{
    /// <summary>The line's name.</summary>
    public const string Name = "counter-invariants";

    private const int RunsKept = 60;
    private const string NextAccounts = "SELECT DISTINCT account_id FROM counter_versions WHERE account_id > $1 OR (account_id = $1 AND $1 = '00000000-0000-0000-0000-000000000000') ORDER BY account_id LIMIT $2";

    private readonly CounterCheck _check;
    private readonly NpgsqlDataSource _dataSource;
    private readonly ReconciliationOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<CounterCheckWorker> _logger;
    private readonly Counter<long> _violations;
    private readonly Counter<long> _accounts;
    private readonly Counter<long> _failed;
    private readonly Lock _lock = new();
    private readonly LinkedList<CounterCheckRun> _runs = [];
    private Guid _last;

    /// <summary>Makes the counters.</summary>
    public CounterCheckWorker(
        CounterCheck check, NpgsqlDataSource dataSource, IOptions<ReconciliationOptions> options, TimeProvider timeProvider, IMeterFactory meters,
        ILogger<CounterCheckWorker> logger)
    {
        (_check, _dataSource, _options, _timeProvider, _logger) = (check, dataSource, options.Value, timeProvider, logger);
        var meter = meters.Create("BotGeneric.Policy");
        _violations = meter.CreateCounter<long>(
            "policy.invariant.violations", "{violation}", "Counters that were not what ledger, commits and holds say, by kind. Must stay 0.");
        _accounts = meter.CreateCounter<long>("policy.invariant.accounts", "{account}", "Accounts whose counters were checked.");
        _failed = meter.CreateCounter<long>("policy.invariant.failed", "{account}", "Accounts whose counters could not be checked at their turn.");
    }

    /// <summary>The latest runs of this process, latest first.</summary>
    internal IReadOnlyList<CounterCheckRun> Runs
    {
        get
        {
            lock (_lock)
            {
                return [.. _runs];
            }
        }
    }

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Runs.Any(run => run.Violations.Count > 0) ? HealthCheckResult.Degraded() : HealthCheckResult.Healthy());

    /// <summary>Looks at the next accounts.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<CounterCheckRun> RunAsync(CancellationToken cancellationToken)
    {
        var ids = await NextAsync(cancellationToken);
        var run = await _check.RunAsync(ids, cancellationToken);
        _accounts.Add(run.Accounts - run.Failed);
        _failed.Add(run.Failed);
        foreach (var violation in run.Violations)
        {
            _violations.Add(1, new KeyValuePair<string, object?>("kind", violation.Kind));
            LogViolation(_logger, violation.Kind, violation.AccountId, violation.Limit, violation.Drift);
        }

        lock (_lock)
        {
            _runs.AddFirst(run);
            if (_runs.Count > RunsKept)
            {
                _runs.RemoveLast();
            }
        }

        return run;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(_options.Interval, _timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                stoppingToken.ThrowIfCancellationRequested();
                await RunAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFailed(_logger, exception);
            }
        }
    }

    // Round after round over everybody who was counted for.
    private async Task<IReadOnlyCollection<Guid>> NextAsync(CancellationToken cancellationToken)
    {
        await using var command = _dataSource.CreateCommand(NextAccounts);
        command.Parameters.Add(new() { Value = _last });
        command.Parameters.Add(new() { Value = _options.Accounts });
        var ids = new List<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetGuid(0));
        }

        _last = ids.Count < _options.Accounts ? Guid.Empty : ids[^1];
        return ids;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Counters were wrong and are read anew ({Kind}): account {Account}, limit {Limit}, drift {Drift}")]
    private static partial void LogViolation(ILogger logger, string kind, Guid account, string? limit, decimal? drift);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The check of counters failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
