using System.Collections.Concurrent;
using System.Globalization;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using Npgsql;
using NpgsqlTypes;

namespace BotGeneric.Policy.Counting;

/// <summary>What the usage ledger has for counters of a target, as of a version.</summary>
/// <param name="Target">Whose counters.</param>
/// <param name="Version">Which changes the sums include.</param>
/// <param name="Sums">The sums.</param>
internal sealed record LedgerSums(LayoutTarget Target, long Version, IReadOnlyList<LedgerSum> Sums);

/// <summary>The sum of a window.</summary>
/// <param name="Field">Its field.</param>
/// <param name="Amount">Units, or 10⁻⁹ of a currency; negative where corrections take back more than was used in the window.</param>
/// <param name="EndMilliseconds">The window's end, Unix milliseconds.</param>
internal readonly record struct LedgerSum(byte[] Field, long Amount, long EndMilliseconds);

/// <summary>Adds up what Policy has heard from the usage ledger. What Redis has is derived from it and can be read again at any time.</summary>
/// <param name="dataSource">Policy's database.</param>
internal sealed class LedgerSumsReader(NpgsqlDataSource dataSource) : IDisposable
{
    private const string SumSql =
        """
        SELECT coalesce(sum(used), 0) FROM usage_counters
         WHERE account_id = $1 AND meter = $2 AND bucket >= $3 AND bucket < $4
           AND ($5::uuid IS NULL OR user_id = $5) AND ($6::text IS NULL OR api_key_id = $6)
           AND starts_with(feature, $7) AND (NOT $8 OR feature = $7)
           AND starts_with(model, $9) AND (NOT $10 OR model = $9)
           AND starts_with(channel, $11) AND (NOT $12 OR channel = $11)
        """;

    private const string CoveredSql = "SELECT coalesce(sum(covered), 0) FROM covered_windows WHERE account_id = $1 AND field = $2";
    private const string VersionSql = "SELECT version FROM counter_versions WHERE account_id = $1 AND target = $2";
    private const string GrantSql = "SELECT burned FROM grants WHERE id = $1";

    // So many readings at once for decisions: a connection is left for everything else, and nobody is refused because there is none.
    private const int SharedReadings = 16;

    private static readonly TimeSpan SharedPatience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyList<LedgerSums>>>> _flights = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turns = new(SharedReadings, SharedReadings);
    private long _asked;
    private long _readings;

    /// <summary>How many times shared sums were asked for.</summary>
    internal long Asked => Interlocked.Read(ref _asked);

    /// <summary>How many times they were read.</summary>
    internal long Readings => Interlocked.Read(ref _readings);

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();

    /// <summary>
    /// As <see cref="ReadAsync"/>, within 5 seconds or a <see cref="TimeoutException"/>, and whoever asks for the same while it is being read gets the same: sums that are older than what Redis has heard of by then it does not take.
    /// </summary>
    internal async Task<IReadOnlyList<LedgerSums>> ReadSharedAsync(
        Guid account, LayoutLimit[] limits, LayoutGrant[] grants, DateTimeOffset at, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        // The targets' names for the counters and the epochs for the set that they are of.
        var windows = limits.Where(limit => limit.IsWindow).Select(limit => $"{limit.Target.Name}/{limit.Target.Epoch}/{limit.WindowAt(at).Field}");
        var key = $"{account:N} {string.Join(' ', windows)} {string.Join(' ', grants.Select(grant => grant.Grant.Id))}";
        var flight = _flights.GetOrAdd(key, static (key, state) => new(() => state.Reader.FlyAsync(key, state.Read)), (Reader: this, Read: (Func<Task<IReadOnlyList<LedgerSums>>>)Read));
        // A database that hangs is one that does not answer: callers go on by their limits' failure mode.
        return await flight.Value.WaitAsync(SharedPatience, cancellationToken);

        // Nobody's request ends it: others may be waiting for it.
        Task<IReadOnlyList<LedgerSums>> Read() => ReadAsync(account, limits, grants, at, CancellationToken.None);
    }

    private async Task<IReadOnlyList<LedgerSums>> FlyAsync(string key, Func<Task<IReadOnlyList<LedgerSums>>> read)
    {
        await _turns.WaitAsync();
        try
        {
            Interlocked.Increment(ref _readings);
            return await read();
        }
        finally
        {
            _turns.Release();
            _flights.TryRemove(key, out _);
        }
    }

    /// <summary>Reads sums for all windows of the limits, and what was used of the grants, in one snapshot.</summary>
    /// <param name="account">The account; <see cref="Guid.Empty"/> for the platform.</param>
    /// <param name="limits">The limits; those without a window are passed over.</param>
    /// <param name="grants">The grants.</param>
    /// <param name="at">The moment whose windows are meant.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    internal async Task<IReadOnlyList<LedgerSums>> ReadAsync(
        Guid account, IReadOnlyList<LayoutLimit> limits, IReadOnlyList<LayoutGrant> grants, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var windows = limits.Where(limit => limit.IsWindow).DistinctBy(limit => (limit.Target, limit.WindowAt(at).Field)).ToList();
        var targets = windows.Select(limit => limit.Target).Distinct().ToList();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var target in targets)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(VersionSql) { Parameters = { new() { Value = account }, new() { Value = target.Name } } });
        }

        foreach (var limit in windows)
        {
            batch.BatchCommands.Add(Sum(account, limit.Limit, limit.WindowAt(at).Window));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(CoveredSql) { Parameters = { new() { Value = account }, new() { Value = limit.WindowAt(at).Field } } });
        }

        foreach (var grant in grants)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(GrantSql) { Parameters = { new() { Value = grant.Grant.Id } } });
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var versions = new Dictionary<LayoutTarget, long>();
        foreach (var target in targets)
        {
            versions[target] = await reader.ReadAsync(cancellationToken) ? reader.GetInt64(0) : 0;
            await reader.NextResultAsync(cancellationToken);
        }

        var sums = targets.ToDictionary(target => target, _ => new List<LedgerSum>());
        foreach (var limit in windows)
        {
            var used = await NextAsync(reader, cancellationToken);
            var covered = await NextAsync(reader, cancellationToken);
            var window = limit.WindowAt(at);
            sums[limit.Target].Add(new LedgerSum(window.Utf8, Units.Count(limit.Limit.Unit, used - covered), window.Window.EndMilliseconds));
        }

        foreach (var grant in grants)
        {
            var burned = await NextAsync(reader, cancellationToken);
            sums[targets.Find(target => target.Name == AccountLayout.AccountTarget)!]
                .Add(new LedgerSum(grant.Field, Units.Count(grant.Grant.Unit, burned), grant.EndMilliseconds));
        }

        return [.. targets.Select(target => new LedgerSums(target, versions[target], sums[target]))];
    }

    /// <summary>What a window has used and credits have not taken over, seen from a transaction that has just added to it.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="account">The account.</param>
    /// <param name="limit">A limit with a window.</param>
    /// <param name="at">The moment whose window is meant.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal static async Task<decimal> UsedAsync(
        NpgsqlTransaction transaction, Guid account, LayoutLimit limit, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction)
        {
            BatchCommands =
            {
                Sum(account, limit.Limit, limit.WindowAt(at).Window),
                new NpgsqlBatchCommand(CoveredSql) { Parameters = { new() { Value = account }, new() { Value = limit.WindowAt(at).Field } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await NextAsync(reader, cancellationToken) - await NextAsync(reader, cancellationToken);
    }

    private static async Task<decimal> NextAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var value = await reader.ReadAsync(cancellationToken) ? reader.GetDecimal(0) : 0;
        await reader.NextResultAsync(cancellationToken);
        return value;
    }

    private static NpgsqlBatchCommand Sum(Guid account, CompiledLimit limit, CountedWindow window)
    {
        var user = limit.Target[0] == 'u' ? Guid.ParseExact(limit.Target.AsSpan(1), "N") : (Guid?)null;
        var key = limit.Target[0] == 'k' ? limit.Target[1..] : null;
        return new NpgsqlBatchCommand(SumSql)
        {
            Parameters =
            {
                new() { Value = account },
                new() { Value = UsageMeters.Of(limit.Unit) },
                new() { Value = window.Start },
                new() { Value = window.End },
                new() { Value = (object?)user ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
                new() { Value = (object?)key ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = limit.Feature.Text },
                new() { Value = limit.Feature.IsExact },
                new() { Value = limit.Model.Text },
                new() { Value = limit.Model.IsExact },
                new() { Value = limit.Channel.Text },
                new() { Value = limit.Channel.IsExact },
            },
        };
    }
}

/// <summary>Names of what Policy counts.</summary>
internal static class UsageMeters
{
    /// <summary>Prefix of money by currency.</summary>
    internal const string Cost = "cost.";

    /// <summary>The name under which a unit is counted.</summary>
    /// <param name="unit">A meter's code or a currency.</param>
    internal static string Of(string unit) => Units.IsMoney(unit) ? string.Create(CultureInfo.InvariantCulture, $"{Cost}{unit}") : unit;
}
