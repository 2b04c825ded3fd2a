namespace BotGeneric.Usage.Queries;

/// <summary>What is wrong with the time that a question is about: by parameter, and what to send instead.</summary>
internal static class SpanErrors
{
    /// <summary>What to send where two ends contradict each other.</summary>
    internal const string NotLater = "Send a time later than from.";

    // There was no usage before, and calendars end: at their edges there is nothing to count back from or on to.
    private const int FirstYear = 2000;
    private const int LastYear = 2999;

    /// <summary>Looks at a span whose ends are boundaries of cells.</summary>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The first moment after.</param>
    /// <returns>Empty when nothing is wrong.</returns>
    internal static Dictionary<string, string[]> Of(DateTimeOffset from, DateTimeOffset to)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        Add(errors, "from", from);
        Add(errors, "to", to);
        if (from >= to)
        {
            errors.TryAdd("to", [NotLater]);
        }

        return errors;
    }

    private static void Add(Dictionary<string, string[]> errors, string name, DateTimeOffset time)
    {
        if (time.Year is < FirstYear or > LastYear)
        {
            errors[name] = [$"Send a time in the years {FirstYear} to {LastYear}."];
        }
        else if (!Periods.IsAligned(time))
        {
            errors[name] = ["Send a time on a quarter of an hour, such as 2026-01-31T12:15:00Z."];
        }
    }
}
