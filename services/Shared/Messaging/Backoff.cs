namespace BotGeneric.Messaging;

/// <summary>Pauses between attempts.</summary>
internal static class Backoff
{
    /// <summary>
    /// <paramref name="first"/> · <paramref name="factor"/>^(<paramref name="attempt"/> − 1), at most <paramref name="max"/>, then between half and
    /// all of it, so that what failed together does not come back together.
    /// </summary>
    public static TimeSpan Exponential(TimeSpan first, double factor, int attempt, TimeSpan max)
    {
        var full = Math.Min(first.TotalMilliseconds * Math.Pow(factor, Math.Min(attempt - 1, 60)), max.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full * (0.5 + Random.Shared.NextDouble() / 2));
    }
}
