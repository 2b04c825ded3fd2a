namespace BotGeneric.Gateway.Limits;

/// <summary>
/// The same algorithm in this process, for the time that Redis is away. Its memory is a table of fixed size: two subjects that fall on one place share
/// a limit, so it can be too strict for a few and never too lax. Each gateway counts for itself, so N gateways let through up to N times as much.
/// </summary>
/// <param name="timeProvider">The clock.</param>
internal sealed class LocalLimiter(TimeProvider timeProvider)
{
    private const int Places = 1 << 18;

    private readonly long[] _arrival = new long[Places];
    private readonly Lock _lock = new();

    internal Decision Take(LimitSet set)
    {
        var limits = set.Limits;
        var now = timeProvider.GetTimestamp() / (timeProvider.TimestampFrequency / 1_000_000);
        var ahead = new long[limits.Length];
        lock (_lock)
        {
            var granted = 1;
            for (var index = 0; index < limits.Length; index++)
            {
                ahead[index] = Math.Max(0, _arrival[Place(limits[index])] - now);
                if (ahead[index] + limits[index].Interval > limits[index].Tolerance)
                {
                    granted = 0;
                }
            }

            for (var index = 0; granted == 1 && index < limits.Length; index++)
            {
                ahead[index] += limits[index].Interval;
                _arrival[Place(limits[index])] = now + ahead[index];
            }

            return new Decision(set, ahead, granted);
        }
    }

    private static int Place(Limit limit) => (int)((uint)limit.Subject.GetHashCode(StringComparison.Ordinal) % Places);
}
