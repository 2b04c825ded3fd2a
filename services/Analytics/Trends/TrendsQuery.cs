using BotGeneric.Analytics.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Analytics.Trends;

/// <summary>The width of a trend's points.</summary>
public enum TrendGranularity
{
    /// <summary>An hour.</summary>
    Hour,

    /// <summary>A day, UTC.</summary>
    Day,
}

/// <summary>Reads trends from the hourly rollups.</summary>
/// <param name="db">Analytics' database.</param>
public sealed class TrendsQuery(AnalyticsDbContext db)
{
    /// <summary>The span that is shown when none is asked for.</summary>
    public static readonly TimeSpan DefaultSpan = TimeSpan.FromDays(30);

    /// <summary>The longest span that may be asked for.</summary>
    /// <param name="granularity">The width of the points.</param>
    /// <returns>The span.</returns>
    public static TimeSpan MaximumSpan(TrendGranularity granularity) => TimeSpan.FromDays(granularity == TrendGranularity.Hour ? 92 : 3660);

    /// <summary>The beginning of the hour that a moment lies in.</summary>
    /// <param name="time">The moment.</param>
    /// <returns>A whole hour.</returns>
    public static DateTimeOffset RoundDown(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerHour));

    /// <summary>The first whole hour that is not before a moment.</summary>
    /// <param name="time">The moment.</param>
    /// <returns>A whole hour.</returns>
    public static DateTimeOffset RoundUp(DateTimeOffset time) => RoundDown(time.AddTicks(TimeSpan.TicksPerHour - 1));

    /// <summary>Reads a trend.</summary>
    /// <param name="account">The account; null for all.</param>
    /// <param name="from">A whole hour, UTC.</param>
    /// <param name="to">A whole hour, UTC, exclusive.</param>
    /// <param name="granularity">The width of the points.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The points with usage, in order, and their totals.</returns>
    public async Task<UsageTrend> GetAsync(
        Guid? account, DateTimeOffset from, DateTimeOffset to, TrendGranularity granularity, CancellationToken cancellationToken)
    {
        var hours = await db.HourlyUsage.AsNoTracking()
            .Where(row => (account == null || row.AccountId == account) && row.Hour >= from && row.Hour < to)
            .GroupBy(row => row.Hour)
            .Select(group => new TrendPoint(
                group.Key, group.Sum(row => row.Requests), group.Sum(row => row.InputTokens), group.Sum(row => row.OutputTokens)))
            .ToListAsync(cancellationToken);
        var points = granularity == TrendGranularity.Hour
            ? hours
            : [.. hours.GroupBy(hour => new DateTimeOffset(hour.Start.UtcDateTime.Date, TimeSpan.Zero)).Select(day => Sum(day.Key, day))];
        points.Sort((left, right) => left.Start.CompareTo(right.Start));
        var totals = Sum(from, hours);
        return new UsageTrend(from, to, granularity, points, new TrendTotals(totals.Requests, totals.InputTokens, totals.OutputTokens));
    }

    private static TrendPoint Sum(DateTimeOffset start, IEnumerable<TrendPoint> points) => points.Aggregate(
        new TrendPoint(start, 0, 0, 0),
        (sum, point) => new TrendPoint(
            start, sum.Requests + point.Requests, sum.InputTokens + point.InputTokens, sum.OutputTokens + point.OutputTokens));
}

/// <summary>Usage over time.</summary>
/// <param name="From">The beginning of the span, UTC.</param>
/// <param name="To">The end of the span, UTC, exclusive.</param>
/// <param name="Granularity">The width of the points.</param>
/// <param name="Points">The points with usage, in order.</param>
/// <param name="Totals">Their totals.</param>
public sealed record UsageTrend(
    DateTimeOffset From, DateTimeOffset To, TrendGranularity Granularity, IReadOnlyList<TrendPoint> Points, TrendTotals Totals);

/// <summary>Usage in one hour or day.</summary>
/// <param name="Start">Its beginning, UTC.</param>
/// <param name="Requests">Calls of language models.</param>
/// <param name="InputTokens">Tokens of input: fresh, cached and cache writes together.</param>
/// <param name="OutputTokens">Tokens of output: visible and reasoning together.</param>
public sealed record TrendPoint(DateTimeOffset Start, long Requests, long InputTokens, long OutputTokens);

/// <summary>Totals of a span.</summary>
/// <param name="Requests">Calls of language models.</param>
/// <param name="InputTokens">Tokens of input.</param>
/// <param name="OutputTokens">Tokens of output.</param>
public sealed record TrendTotals(long Requests, long InputTokens, long OutputTokens);
