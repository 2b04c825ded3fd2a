using System.Diagnostics.Metrics;
using BotGeneric.Policy.Domain;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace BotGeneric.Policy.Reconciliation;

/// <summary>
/// Says how many sums are lastingly not what the usage ledger has: as a metric, and as a line of the health report that never makes the service unready. It is looked at with the health
/// report; the metric is what was seen last.
/// </summary>
internal sealed class LedgerDifferences : IHealthCheck
{
    /// <summary>The line's name.</summary>
    public const string Name = "usage-totals";

    private const string Count = "SELECT count(*) FROM ledger_differences WHERE looks >= $1";

    private readonly NpgsqlDataSource _dataSource;
    private long _lasting;

    /// <summary>Makes the gauge.</summary>
    public LedgerDifferences(NpgsqlDataSource dataSource, IMeterFactory meters)
    {
        _dataSource = dataSource;
        meters.Create("BotGeneric.Policy").CreateObservableGauge(
            "policy.ledger.differences", () => Volatile.Read(ref _lasting), "{sum}", "Sums of accounts and meters that are lastingly not what the usage ledger has. Must be 0.");
    }

    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var command = _dataSource.CreateCommand(Count);
        command.Parameters.Add(new() { Value = LedgerDifference.LooksThatLast });
        var lasting = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        Volatile.Write(ref _lasting, lasting);
        return lasting == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded();
    }
}
