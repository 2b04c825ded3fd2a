namespace BotGeneric.Usage.Domain;

/// <summary>How the values of a meter become one number.</summary>
public enum MeterAggregation
{
    /// <summary>The values added up.</summary>
    Sum,

    /// <summary>How many events there were.</summary>
    Count,

    /// <summary>How many different values there were.</summary>
    Unique,

    /// <summary>The largest value.</summary>
    Max,

    /// <summary>The value of the latest event.</summary>
    Latest,
}

/// <summary>What the operator measures beside the calls of language models: a number over a member of the <c>data</c> of one type of event.</summary>
public sealed class Meter
{
    /// <summary>Longest code, type of event, path or unit, in characters.</summary>
    public const int MaximumNameLength = 100;

    /// <summary>Most dimensions of a meter.</summary>
    public const int MaximumDimensions = 10;

    /// <summary>The code by which limits and queries name it.</summary>
    public required string Code { get; init; }

    /// <summary>The CloudEvents <c>type</c> of its events.</summary>
    public required string EventType { get; init; }

    /// <summary>How the values become one number. Never changes: the events are kept, but what was told to others is not told anew.</summary>
    public required MeterAggregation Aggregation { get; init; }

    /// <summary>Dotted path of the value within <c>data</c>, such as <c>image.pixels</c>; null for <see cref="MeterAggregation.Count"/>.</summary>
    public string? ValueProperty { get; init; }

    /// <summary>Dotted paths within <c>data</c> by which a query may group.</summary>
    public required IReadOnlyList<string> Dimensions { get; init; }

    /// <summary>What a value is, such as <c>pixels</c>; for people.</summary>
    public string? Unit { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Since when it measures nothing any more, UTC; null while it does.</summary>
    public DateTimeOffset? ArchivedAt { get; private set; }

    /// <summary>Ends it. Safe to repeat: the first time stays.</summary>
    /// <param name="now">Now, UTC.</param>
    /// <returns>Whether it still measured.</returns>
    public bool Archive(DateTimeOffset now)
    {
        if (ArchivedAt is not null)
        {
            return false;
        }

        ArchivedAt = now;
        return true;
    }
}
