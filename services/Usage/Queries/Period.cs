namespace BotGeneric.Usage.Queries;

/// <summary>How long the periods of a query are.</summary>
public enum Granularity
{
    /// <summary>One period: from the first moment to the last.</summary>
    None,

    /// <summary>Quarters of an hour.</summary>
    QuarterHour,

    /// <summary>Hours of the clock in the zone.</summary>
    Hour,

    /// <summary>Days of the zone's calendar; 23 or 25 hours long where the clock is changed.</summary>
    Day,

    /// <summary>Months of the zone's calendar, from the anchor's day on.</summary>
    Month,
}

/// <summary>Cuts a span of time into periods of a time zone's calendar. Every boundary is on a quarter of an hour, where the rollups' cells have theirs.</summary>
public static class Periods
{
    /// <summary>Periods of a query at most.</summary>
    public const int Maximum = 5_000;

    /// <summary>The width of a cell of the rollups.</summary>
    public static readonly TimeSpan Cell = TimeSpan.FromMinutes(15);

    /// <summary>The names of granularities in requests: ISO 8601 durations, and <c>none</c>.</summary>
    public static IReadOnlyDictionary<string, Granularity> Names { get; } = new Dictionary<string, Granularity>(StringComparer.Ordinal)
    {
        ["none"] = Granularity.None,
        ["PT15M"] = Granularity.QuarterHour,
        ["PT1H"] = Granularity.Hour,
        ["P1D"] = Granularity.Day,
        ["P1M"] = Granularity.Month,
    };

    /// <summary>Whether a moment is on the boundary of a cell.</summary>
    /// <param name="time">The moment.</param>
    public static bool IsAligned(DateTimeOffset time) => time.UtcTicks % Cell.Ticks == 0;

    /// <summary>The start of the cell that a moment is in.</summary>
    /// <param name="time">The moment.</param>
    public static DateTimeOffset Floor(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % Cell.Ticks), TimeSpan.Zero);

    /// <summary>The starts of the periods in a span, the first at its beginning.</summary>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The first moment after.</param>
    /// <param name="granularity">How long a period is.</param>
    /// <param name="zone">Whose calendar and clock.</param>
    /// <param name="anchorDay">The day of the month on which months begin, 1 to 31; the last one where a month has fewer.</param>
    /// <returns>The starts, in UTC; null when there are more than <see cref="Maximum"/>.</returns>
    public static IReadOnlyList<DateTimeOffset>? Starts(DateTimeOffset from, DateTimeOffset to, Granularity granularity, TimeZoneInfo zone, int anchorDay)
    {
        ArgumentNullException.ThrowIfNull(zone);
        var starts = new List<DateTimeOffset> { from.ToUniversalTime() };
        while (granularity != Granularity.None && Next(starts[^1], granularity, zone, anchorDay) is var next && next < to)
        {
            if (starts.Count == Maximum)
            {
                return null;
            }

            starts.Add(next);
        }

        return starts;
    }

    private static DateTimeOffset Next(DateTimeOffset time, Granularity granularity, TimeZoneInfo zone, int anchorDay)
    {
        var local = TimeZoneInfo.ConvertTime(time, zone).DateTime;
        return granularity switch
        {
            Granularity.QuarterHour => Floor(time) + Cell,
            // Where the clock is changed by half an hour, the hour that it happens in is shorter or longer.
            Granularity.Hour => time.AddMinutes(60 - local.Minute).AddSeconds(-local.Second),
            Granularity.Day => StartOf(DateOnly.FromDateTime(local).AddDays(1), zone),
            Granularity.Month => NextMonth(DateOnly.FromDateTime(local), zone, anchorDay),
            _ => throw new ArgumentOutOfRangeException(nameof(granularity), granularity, "No period of this length follows another."),
        };
    }

    private static DateTimeOffset NextMonth(DateOnly day, TimeZoneInfo zone, int anchorDay)
    {
        var thisMonth = Anchored(day.Year, day.Month, anchorDay);
        if (thisMonth > day)
        {
            return StartOf(thisMonth, zone);
        }

        var following = new DateOnly(day.Year, day.Month, 1).AddMonths(1);
        return StartOf(Anchored(following.Year, following.Month, anchorDay), zone);
    }

    private static DateOnly Anchored(int year, int month, int anchorDay) => new(year, month, Math.Min(anchorDay, DateTime.DaysInMonth(year, month)));

    /// <summary>
    /// The first moment of a day. Where midnight is skipped it is the moment at which the clock is put forward; where it comes twice, the earlier one.
    /// </summary>
    /// <param name="day">The day.</param>
    /// <param name="zone">Whose.</param>
    public static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        var midnight = day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Unspecified);
        if (!zone.IsInvalidTime(midnight))
        {
            var offset = zone.IsAmbiguousTime(midnight) ? zone.GetAmbiguousTimeOffsets(midnight).Max() : zone.GetUtcOffset(midnight);
            var start = new DateTimeOffset(midnight, offset).ToUniversalTime();
            // Where a clock is changed at midnight, what a zone says of the local time is not always what it says of the moment.
            if (TimeZoneInfo.ConvertTime(start, zone).DateTime == midnight)
            {
                return start;
            }
        }

        // No zone is further from UTC than 14 hours, and none skips more than a day.
        var time = new DateTimeOffset(midnight, TimeSpan.Zero).AddHours(-14);
        while (TimeZoneInfo.ConvertTime(time, zone).DateTime < midnight)
        {
            time += Cell;
        }

        return time;
    }
}
