using BotGeneric.Policy.Compilation;

namespace BotGeneric.Policy.Domain;

/// <summary>
/// The buckets in which usage is kept: hours, and an hour in which a billing period begins is kept in two parts. So the sum over any window (a day, a month, a
/// period) is a sum of whole buckets.
/// </summary>
public static class UsageBucket
{
    /// <summary>The beginning of the bucket that a moment lies in.</summary>
    /// <param name="at">The moment, UTC.</param>
    /// <param name="period">The period that the account has paid for, as far as it is known.</param>
    public static DateTimeOffset StartOf(DateTimeOffset at, BillingPeriod? period)
    {
        var hour = at.AddTicks(-(at.Ticks % TimeSpan.TicksPerHour));
        if (period is null)
        {
            return hour;
        }

        // A renewal is heard of after its period has begun: what is used from then on must be told apart already.
        var start = at < period.End ? period.Start : BillingPeriods.Containing(period, at).Start;
        return start > hour && start <= at ? start : hour;
    }
}
