using BotGeneric.Gateway.Routing;

namespace BotGeneric.Gateway.Limits;

/// <summary>Against what a request counts. Equal ones share what was taken for them.</summary>
/// <param name="Class">The limit of the address.</param>
/// <param name="Address">The address; null when it was counted already.</param>
/// <param name="Account">The account; null when nobody is known.</param>
/// <param name="Key">The key; null without one.</param>
/// <param name="KeyPerMinute">The key's own limit; 0 for the one that every key has.</param>
internal readonly record struct LimitRequest(LimitClass Class, string? Address, string? Account, string? Key, int KeyPerMinute)
{
    /// <summary>How many limits that are.</summary>
    internal int Count => (Address is null ? 0 : 1) + (Account is null ? 0 : 1) + (Key is null ? 0 : 1);
}

/// <summary>One limit that a request counts against.</summary>
/// <param name="Name">Its name in the answer's headers.</param>
/// <param name="Subject">Whose it is, as the key in Redis.</param>
/// <param name="Requests">How many requests.</param>
/// <param name="PeriodSeconds">In how many seconds.</param>
/// <param name="Interval">Microseconds after which one comes back.</param>
/// <param name="Tolerance">Microseconds that may lie ahead.</param>
internal sealed record Limit(string Name, string Subject, int Requests, int PeriodSeconds, long Interval, long Tolerance)
{
    internal static Limit Of(string name, string subject, RateLimit limit) =>
        new(name, subject, limit.Requests, (int)Math.Ceiling(limit.Period.TotalSeconds), limit.Interval, limit.Tolerance);
}

/// <summary>The limits that one kind of request of one caller counts against.</summary>
internal sealed class LimitSet
{
    internal LimitSet(Limit[] limits)
    {
        Limits = limits;
        Policy = string.Join(", ", limits.Select(limit => $"\"{limit.Name}\";q={limit.Requests};w={limit.PeriodSeconds}"));
    }

    /// <summary>The limits.</summary>
    internal Limit[] Limits { get; }

    /// <summary>The header <c>RateLimit-Policy</c>.</summary>
    internal string Policy { get; }
}

/// <summary>What was decided.</summary>
/// <param name="Set">The limits.</param>
/// <param name="Ahead">For each the microseconds that lie ahead.</param>
/// <param name="Granted">How many requests were granted; 0 is a refusal.</param>
internal sealed record Decision(LimitSet Set, long[] Ahead, int Granted)
{
    /// <summary>The limits.</summary>
    internal Limit[] Limits => Set.Limits;

    /// <summary>Requests left of a limit, when some that were granted are not used yet.</summary>
    internal long Remaining(int index, int unused) =>
        Math.Max(0, (Limits[index].Tolerance - Ahead[index]) / Limits[index].Interval) + unused;

    /// <summary>Seconds until a limit is whole again.</summary>
    internal long Reset(int index) => CeilingSeconds(Ahead[index]);

    /// <summary>Seconds until there is room in every limit; at least one.</summary>
    internal long RetryAfter()
    {
        var longest = 1L;
        for (var index = 0; index < Limits.Length; index++)
        {
            longest = Math.Max(longest, CeilingSeconds(Ahead[index] + Limits[index].Interval - Limits[index].Tolerance));
        }

        return longest;
    }

    /// <summary>The limit with the smallest part left.</summary>
    internal int Tightest()
    {
        var tightest = 0;
        for (var index = 1; index < Limits.Length; index++)
        {
            if ((double)Remaining(index, 0) / Limits[index].Requests < (double)Remaining(tightest, 0) / Limits[tightest].Requests)
            {
                tightest = index;
            }
        }

        return tightest;
    }

    private static long CeilingSeconds(long microseconds) => microseconds <= 0 ? 0 : (microseconds + 999_999) / 1_000_000;
}
