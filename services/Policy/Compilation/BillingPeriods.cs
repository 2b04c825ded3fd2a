namespace BotGeneric.Policy.Compilation;

/// <summary>Finds the billing period that a moment lies in, from one that is known: those before and after are as long.</summary>
public static class BillingPeriods
{
    /// <summary>Shorter ones are taken for a mistake.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromDays(1);

    /// <summary>The period that a moment lies in. Periods of whole months begin on the same day of the month, or on its last.</summary>
    /// <param name="known">A period, at least <see cref="Shortest"/> long.</param>
    /// <param name="at">The moment.</param>
    public static BillingPeriod Containing(BillingPeriod known, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentOutOfRangeException.ThrowIfLessThan(known.End - known.Start, Shortest, nameof(known));
        var months = Months(known);
        if (months == 0)
        {
            var length = known.End - known.Start;
            var steps = (long)Math.Floor((at - known.Start) / length);
            return new BillingPeriod(known.Start + (length * steps), known.Start + (length * (steps + 1)));
        }

        // A guess that is right within one period, then the step to the one that is.
        var number = (int)Math.Floor(((at.Year - known.Start.Year) * 12 + at.Month - known.Start.Month) / (double)months);
        while (known.Start.AddMonths(months * number) > at)
        {
            number--;
        }

        while (known.Start.AddMonths(months * (number + 1)) <= at)
        {
            number++;
        }

        return new BillingPeriod(known.Start.AddMonths(months * number), known.Start.AddMonths(months * (number + 1)));
    }

    // How many months a period has when it is whole months; 0 otherwise.
    private static int Months(BillingPeriod period)
    {
        var months = ((period.End.Year - period.Start.Year) * 12) + period.End.Month - period.Start.Month;
        return months > 0 && period.Start.AddMonths(months) == period.End ? months : 0;
    }
}
