namespace BotGeneric.Policy.Compilation;

/// <summary>The window of a quota or a budget at a moment.</summary>
/// <param name="Start">Its beginning, UTC; what it counts is told apart by it.</param>
/// <param name="End">Its end, exclusive, UTC. A period whose renewal is not known yet goes on: <see cref="DateTimeOffset.MaxValue"/>.</param>
/// <param name="ResetsAt">When it is expected to begin anew, UTC.</param>
public sealed record CountedWindow(DateTimeOffset Start, DateTimeOffset End, DateTimeOffset ResetsAt)
{
    /// <summary>Its beginning in seconds of Unix time.</summary>
    public long StartSeconds { get; } = Start.ToUnixTimeSeconds();

    /// <summary>Its end in milliseconds of Unix time: the first that lies outside of it.</summary>
    public long EndMilliseconds { get; } = End.ToUnixTimeMilliseconds() + (End.Ticks % TimeSpan.TicksPerMillisecond == 0 || End == DateTimeOffset.MaxValue ? 0 : 1);

    /// <summary>Whether a moment lies in it.</summary>
    /// <param name="at">The moment.</param>
    public bool Contains(DateTimeOffset at) => at >= Start && at < End;

    /// <summary>The window of a kind that a moment lies in.</summary>
    /// <param name="kind">Day, month or billing period.</param>
    /// <param name="at">The moment.</param>
    /// <param name="period">The period that the account has paid for.</param>
    /// <exception cref="ArgumentOutOfRangeException">The kind has no such window.</exception>
    public static CountedWindow Of(LimitWindowKind kind, DateTimeOffset at, BillingPeriod? period)
    {
        if (kind == LimitWindowKind.BillingPeriod && period is not null && at >= period.Start)
        {
            // This one goes on until the next is paid for: a window never begins anew by itself.
            var expected = at < period.End ? period.End : BillingPeriods.Containing(period, at).End;
            return new CountedWindow(period.Start, DateTimeOffset.MaxValue, expected);
        }

        var day = new DateTimeOffset(at.UtcDateTime.Date, TimeSpan.Zero);
        var month = new DateTimeOffset(day.Year, day.Month, 1, 0, 0, 0, TimeSpan.Zero);
        return kind switch
        {
            LimitWindowKind.Day => new CountedWindow(day, day.AddDays(1), day.AddDays(1)),
            // Before the known period: what was used then is not of it. Without a period: the calendar's months.
            LimitWindowKind.BillingPeriod when period is not null && month.AddMonths(1) > period.Start => new CountedWindow(month, period.Start, period.Start),
            LimitWindowKind.Month or LimitWindowKind.BillingPeriod => new CountedWindow(month, month.AddMonths(1), month.AddMonths(1)),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A limit of this kind has no window."),
        };
    }
}
