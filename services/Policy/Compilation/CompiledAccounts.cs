using System.Collections.Concurrent;
using BotGeneric.Messaging.Broadcasts;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Limits;
using BotGeneric.Policy.Policies;
using Microsoft.Extensions.Options;

namespace BotGeneric.Policy.Compilation;

/// <summary>
/// Keeps compiled accounts in memory. A lookup of what is there allocates nothing; what is not there is read once, however many wait for it. What changes is forgotten when
/// <see cref="Contracts.Policy.V1.PolicyChanged"/> is heard; while nothing can be heard, nothing is used for longer than a second. Only while the database is away, what nothing
/// was heard against is used for longer.
/// </summary>
internal sealed partial class CompiledAccounts(
    PolicyStore store, EvictionStamps stamps, BroadcastState broadcasts, IOptions<PolicyOptions> options, TimeProvider timeProvider, ILogger<CompiledAccounts> logger)
    : ICompiledAccounts, ICompiledAccountsExplainer, IDisposable
{
    /// <summary>How long anything is used while changes are not heard.</summary>
    internal static readonly TimeSpan LifetimeWhileDeaf = TimeSpan.FromSeconds(1);

    // While the database is away, how often somebody tries it, and how long whoever has something older waits for it.
    private static readonly TimeSpan DatabasePause = TimeSpan.FromSeconds(1);

    // How long a decision about somebody of whom nothing is remembered waits for the database. Longer than it takes when it is only busy.
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // So much is dropped at once when there is no room, so that making room is rare.
    private const int DroppedShare = 8;

    private readonly ConcurrentDictionary<PolicySubject, Entry> _entries = new();
    private readonly ConcurrentDictionary<PolicySubject, Flight> _flights = new();
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly PolicyOptions _options = options.Value;
    private volatile PolicySet? _policies;
    private int _count;
    private int _making;
    private long _reads;
    private int _isAway;
    private long _triedAt;

    /// <summary>How many callers were read from the database.</summary>
    internal long Reads => Interlocked.Read(ref _reads);

    /// <summary>How many callers are remembered.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <inheritdoc />
    public ValueTask<CompiledAccount> GetAsync(PolicySubject subject, CancellationToken cancellationToken) =>
        _entries.TryGetValue(subject, out var entry) && IsUsable(entry, subject)
            ? new ValueTask<CompiledAccount>(entry.Account)
            : new ValueTask<CompiledAccount>(entry is not null && MayBeUsedWhileAway(entry, subject)
                ? RenewAsync(subject, entry, cancellationToken)
                : WaitAsync(subject, cancellationToken));

    /// <inheritdoc />
    public ValueTask<CompiledAccount> GetSoonAsync(PolicySubject subject, CancellationToken cancellationToken)
    {
        var isKnown = _entries.TryGetValue(subject, out var entry) && (IsUsable(entry, subject) || MayBeUsedWhileAway(entry, subject));
        return isKnown ? GetAsync(subject, cancellationToken) : new ValueTask<CompiledAccount>(ReadSoonAsync(subject, cancellationToken));
    }

    /// <inheritdoc />
    public async Task<CompiledResult> ExplainAsync(PolicySubject subject, CancellationToken cancellationToken)
    {
        var policies = await store.ReadPoliciesAsync(cancellationToken);
        var facts = await store.ReadFactsAsync(subject, cancellationToken);
        return PolicyCompiler.Compile(subject, facts, policies, store.Settings, timeProvider.GetUtcNow());
    }

    /// <inheritdoc />
    public void Dispose() => _reading.Dispose();

    private bool IsUsable(Entry entry, PolicySubject subject) =>
        entry.Stamp == stamps.Of(subject) && !IsOlder(entry.ReadAt) && (entry.Until is not { } until || timeProvider.GetUtcNow() < until);

    private bool IsOlder(long readAt) =>
        timeProvider.GetElapsedTime(readAt) > (broadcasts.IsConnected ? _options.CompiledLifetime : LifetimeWhileDeaf);

    // A change that was heard of is one that must not be passed over, such as a ban.
    private bool MayBeUsedWhileAway(Entry entry, PolicySubject subject) =>
        entry.Stamp == stamps.Of(subject) && timeProvider.GetElapsedTime(entry.ReadAt) <= _options.CompiledLifetimeWhileAway;

    // What is older than it should be, when there is nothing newer to be had.
    private async Task<CompiledAccount> RenewAsync(PolicySubject subject, Entry entry, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _isAway) == 1 && !IsToTry())
        {
            return entry.Account;
        }

        try
        {
            return await WaitAsync(subject, cancellationToken).WaitAsync(DatabasePause, timeProvider, cancellationToken);
        }
        catch (Exception exception) when (DatabaseOutage.Is(exception))
        {
            NoteAway(exception);
            return entry.Account;
        }
    }

    private async Task<CompiledAccount> ReadSoonAsync(PolicySubject subject, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _isAway) == 1 && !IsToTry())
        {
            throw new TimeoutException("The database did not answer a moment ago.");
        }

        try
        {
            return await WaitAsync(subject, cancellationToken).WaitAsync(Patience, timeProvider, cancellationToken);
        }
        catch (Exception exception) when (DatabaseOutage.Is(exception))
        {
            NoteAway(exception);
            throw;
        }
    }

    private void NoteAway(Exception exception)
    {
        Volatile.Write(ref _triedAt, timeProvider.GetTimestamp());
        if (Interlocked.Exchange(ref _isAway, 1) == 0)
        {
            LogAway(logger, exception.GetType().Name);
        }
    }

    // One of those who ask tries the database, the others do not wait for it.
    private bool IsToTry()
    {
        var triedAt = Volatile.Read(ref _triedAt);
        return timeProvider.GetElapsedTime(triedAt) >= DatabasePause && Interlocked.CompareExchange(ref _triedAt, timeProvider.GetTimestamp(), triedAt) == triedAt;
    }

    private async Task<CompiledAccount> WaitAsync(PolicySubject subject, CancellationToken cancellationToken)
    {
        while (true)
        {
            var stamp = stamps.Of(subject);
            var flight = _flights.GetOrAdd(subject, static (key, state) => new Flight(state.stamp, flight => state.cache.ReadAsync(key, flight)), (stamp, cache: this));
            if (flight.Stamp == stamp)
            {
                return await flight.Result.WaitAsync(cancellationToken);
            }

            // It began before something changed, so it may have read what was before.
            _flights.TryRemove(KeyValuePair.Create(subject, flight));
        }
    }

    private async Task<CompiledAccount> ReadAsync(PolicySubject subject, Flight flight)
    {
        try
        {
            Interlocked.Increment(ref _reads);
            var readAt = timeProvider.GetTimestamp();
            var stamp = stamps.Of(subject);
            // Nobody's request ends it: others may be waiting for it.
            var policies = await PoliciesAsync(CancellationToken.None);
            var facts = await store.ReadFactsAsync(subject, CancellationToken.None);
            var result = PolicyCompiler.Compile(subject, facts, policies, store.Settings, timeProvider.GetUtcNow());
            Remember(subject, new Entry(result.Account, result.Until, stamp, readAt));
            if (Interlocked.Exchange(ref _isAway, 0) == 1)
            {
                LogBack(logger);
            }

            return result.Account;
        }
        finally
        {
            _flights.TryRemove(KeyValuePair.Create(subject, flight));
        }
    }

    private async ValueTask<IReadOnlyList<ReadPolicy>> PoliciesAsync(CancellationToken cancellationToken)
    {
        if (Usable() is { } known)
        {
            return known;
        }

        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (Usable() is { } read)
            {
                return read;
            }

            var (stamp, readAt) = (stamps.Everybody, timeProvider.GetTimestamp());
            var policies = await store.ReadPoliciesAsync(cancellationToken);
            _policies = new PolicySet(policies, stamp, readAt);
            return policies;
        }
        finally
        {
            _reading.Release();
        }

        IReadOnlyList<ReadPolicy>? Usable() => _policies is { } set && set.Stamp == stamps.Everybody && !IsOlder(set.ReadAt) ? set.Policies : null;
    }

    private void Remember(PolicySubject subject, Entry entry)
    {
        if (!_entries.ContainsKey(subject) && Volatile.Read(ref _count) >= _options.CompiledCapacity)
        {
            MakeRoom();
        }

        var isNew = false;
        _entries.AddOrUpdate(
            subject,
            _ =>
            {
                isNew = true;
                return entry;
            },
            (_, known) =>
            {
                isNew = false;
                // Two may have read one after the other: what was read later stays.
                return known.ReadAt > entry.ReadAt ? known : entry;
            });
        if (isNew)
        {
            Interlocked.Increment(ref _count);
        }
    }

    // What cannot be used any more goes first; when that is not enough, whatever comes first.
    private void MakeRoom()
    {
        if (Interlocked.Exchange(ref _making, 1) != 0)
        {
            return;
        }

        try
        {
            var wanted = Math.Max(1, _options.CompiledCapacity / DroppedShare);
            foreach (var isForced in (bool[])[false, true])
            {
                foreach (var (subject, entry) in _entries)
                {
                    if (_options.CompiledCapacity - Volatile.Read(ref _count) >= wanted)
                    {
                        return;
                    }

                    if ((isForced || !IsUsable(entry, subject)) && _entries.TryRemove(subject, out _))
                    {
                        Interlocked.Decrement(ref _count);
                    }
                }
            }
        }
        finally
        {
            Volatile.Write(ref _making, 0);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database does not answer ({Reason}): limits are used as they were last read")]
    private static partial void LogAway(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database answers again: limits are read anew")]
    private static partial void LogBack(ILogger logger);

    private sealed record Entry(CompiledAccount Account, DateTimeOffset? Until, EvictionStamp Stamp, long ReadAt);

    private sealed record PolicySet(IReadOnlyList<ReadPolicy> Policies, long Stamp, long ReadAt);

    private sealed class Flight
    {
        private readonly Lazy<Task<CompiledAccount>> _result;

        public Flight(EvictionStamp stamp, Func<Flight, Task<CompiledAccount>> read)
        {
            Stamp = stamp;
            _result = new Lazy<Task<CompiledAccount>>(() => read(this));
        }

        public EvictionStamp Stamp { get; }

        public Task<CompiledAccount> Result => _result.Value;
    }
}
