using BotGeneric.ServiceDefaults.Validation;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Policy.Reconciliation;

/// <summary>Keys under <c>Policy:Retention</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Policy:Retention";

    /// <summary>How long refused calls are kept. Default 30 days.</summary>
    [DurationRange("1.00:00:00", "3650.00:00:00", ErrorMessage = "Policy:Retention:Refusals must be between 1 and 3650 days.")]
    public TimeSpan Refusals { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How long it is kept what was used in an hour, what was said about a window, and of whom something was counted. Longer than any window of a limit: a billing period may be a year. Default 800 days.
    /// </summary>
    [DurationRange("400.00:00:00", "3650.00:00:00", ErrorMessage = "Policy:Retention:Counters must be between 400 and 3650 days.")]
    public TimeSpan Counters { get; set; } = TimeSpan.FromDays(800);

    /// <summary>How often it is looked. Default 6 hours.</summary>
    [DurationRange("00:00:01", "1.00:00:00", ErrorMessage = "Policy:Retention:Interval must be between 1 second and 1 day.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(6);
}

/// <summary>
/// Forgets refused calls and what no window counts any more, in chunks, so that no transaction is long and no replica waits for another: rows that another one is deleting
/// are skipped. The usage ledger keeps what was used.
/// </summary>
/// <param name="dataSource">Policy's database.</param>
/// <param name="options">How long.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class PolicyRetention(
    NpgsqlDataSource dataSource, IOptions<RetentionOptions> options, TimeProvider timeProvider, ILogger<PolicyRetention> logger) : BackgroundService
{
    private const int Chunk = 5_000;

    private const string Refusals =
        "DELETE FROM refusals WHERE ctid = ANY (ARRAY(SELECT ctid FROM refusals WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))";

    private const string Counters =
        "DELETE FROM usage_counters WHERE ctid = ANY (ARRAY(SELECT ctid FROM usage_counters WHERE bucket < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))";

    private const string Notices =
        "DELETE FROM limit_notices WHERE ctid = ANY (ARRAY(SELECT ctid FROM limit_notices WHERE window_start < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))";

    // A field is the counter's name and the second at which its window began.
    private const string Covered =
        """
        DELETE FROM covered_windows WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM covered_windows WHERE split_part(field, ':', 2)::bigint < extract(epoch FROM $1::timestamptz) LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    // Redis forgets a target 40 days after it was last counted for or read.
    private const string Versions =
        "DELETE FROM counter_versions WHERE ctid = ANY (ARRAY(SELECT ctid FROM counter_versions WHERE touched_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))";

    /// <summary>Forgets what is old now.</summary>
    /// <param name="cancellationToken">Cancels; what was deleted stays deleted.</param>
    internal async Task<long> PruneAsync(CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var deleted = await PruneAsync(Refusals, now - options.Value.Refusals, cancellationToken);
        foreach (var sql in new[] { Counters, Notices, Covered, Versions })
        {
            deleted += await PruneAsync(sql, now - options.Value.Counters, cancellationToken);
        }

        return deleted;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await PruneAsync(stoppingToken) is > 0 and var deleted)
                {
                    LogPruned(logger, deleted);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFailed(logger, exception);
            }

            await Task.Delay(options.Value.Interval, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<long> PruneAsync(string sql, DateTimeOffset before, CancellationToken cancellationToken)
    {
        long total = 0;
        int chunk;
        do
        {
            await using var command = dataSource.CreateCommand(sql);
            command.Parameters.Add(new() { Value = before });
            command.Parameters.Add(new() { Value = Chunk });
            chunk = await command.ExecuteNonQueryAsync(cancellationToken);
            total += chunk;
        }
        while (chunk == Chunk);

        return total;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} old refusals and counters were deleted")]
    private static partial void LogPruned(ILogger logger, long count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old refusals and counters could not be deleted; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
