using System.Collections.Frozen;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Usage.Meters;

/// <summary>The meters in force, in memory: every event is read by them. A change by another process is known here within <see cref="MaximumAge"/>.</summary>
/// <param name="scopes">Reads them.</param>
/// <param name="timeProvider">The clock of the age.</param>
public sealed class MeterCatalogue(IServiceScopeFactory scopes, TimeProvider timeProvider)
{
    /// <summary>How old what is in memory may be.</summary>
    public static readonly TimeSpan MaximumAge = TimeSpan.FromSeconds(2);

    private FrozenDictionary<string, IReadOnlyList<Meter>> _byType = FrozenDictionary<string, IReadOnlyList<Meter>>.Empty;
    private long _readAt = long.MinValue;

    /// <summary>The meters of a type of event.</summary>
    /// <param name="eventType">The CloudEvents <c>type</c>.</param>
    public IReadOnlyList<Meter> Of(string eventType) => _byType.GetValueOrDefault(eventType, []);

    /// <summary>Reads the meters again if they may have changed.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public ValueTask RefreshIfStaleAsync(CancellationToken cancellationToken)
    {
        var readAt = Volatile.Read(ref _readAt);
        return readAt != long.MinValue && timeProvider.GetElapsedTime(readAt) < MaximumAge ? ValueTask.CompletedTask : new ValueTask(RefreshAsync(cancellationToken));
    }

    /// <summary>Has them read again by whoever comes next.</summary>
    public void Forget() => Volatile.Write(ref _readAt, long.MinValue);

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        // Of the moment before the question: what changes meanwhile is asked for again.
        var asked = timeProvider.GetTimestamp();
        await using var scope = scopes.CreateAsyncScope();
        var meters = await scope.ServiceProvider.GetRequiredService<UsageDbContext>().Meters.AsNoTracking()
            .Where(meter => meter.ArchivedAt == null)
            .OrderBy(meter => meter.Code)
            .ToListAsync(cancellationToken);
        _byType = meters.GroupBy(meter => meter.EventType, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => (IReadOnlyList<Meter>)[.. group], StringComparer.Ordinal);
        Volatile.Write(ref _readAt, asked);
    }
}
