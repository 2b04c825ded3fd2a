namespace BotGeneric.Policy.Domain;

/// <summary>
/// What was used of a meter, by hour. Derived from the usage ledger and independent of any limit, so that a change of plan keeps what was used. The nil account
/// is the platform as a whole.
/// </summary>
public sealed class UsageCounter
{
    /// <summary>The account.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>A meter's code; money as <c>cost.</c> and the currency.</summary>
    public required string Meter { get; init; }

    /// <summary>
    /// The beginning of the hour, UTC; where a billing period begins within the hour, the beginning of the period for what was used from then on.
    /// </summary>
    public required DateTimeOffset Bucket { get; init; }

    /// <summary>The person; the nil UUID when not known.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The API key; empty without one.</summary>
    public required string ApiKeyId { get; init; }

    /// <summary>What it was for.</summary>
    public required string Feature { get; init; }

    /// <summary>The model; empty when not known.</summary>
    public required string Model { get; init; }

    /// <summary>The channel; empty when not known.</summary>
    public required string Channel { get; init; }

    /// <summary>Units of the meter. A correction of an earlier hour may make an hour negative; a window's sum is counted as 0 then.</summary>
    public required decimal Used { get; init; }
}

/// <summary>How often the sums of a target have changed, by which Redis knows whether it has heard of everything.</summary>
public sealed class CounterVersion
{
    /// <summary>The account.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The account as a whole, a person in it, or a key.</summary>
    public required string Target { get; init; }

    /// <summary>Grows by one with each transaction that changes sums of the target. See <see cref="FirstAt"/> for where it begins.</summary>
    public required long Version { get; init; }

    /// <summary>When it last grew, UTC. A target of which nothing was heard for long is forgotten, see <c>Policy:Retention:Counters</c>.</summary>
    public DateTimeOffset TouchedAt { get; init; }

    /// <summary>
    /// The first version of a target. Whoever has heard of the target before it was forgotten must not take what comes for old news, so it is above every version that the target
    /// can have had: none grows by a thousand a second.
    /// </summary>
    /// <param name="now">Now, UTC.</param>
    public static long FirstAt(DateTimeOffset now) => now.ToUnixTimeMilliseconds();
}

/// <summary>What credits have taken over of a window's use: it does not count against the window's limit.</summary>
public sealed class CoveredWindow
{
    /// <summary>The account.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The counter and the beginning of its window, as Redis names it.</summary>
    public required string Field { get; init; }

    /// <summary>Units that credits have taken over, or the currency's amount.</summary>
    public required decimal Covered { get; init; }
}

/// <summary>That something was said about a limit in one of its windows, so that it is said once.</summary>
public sealed class LimitNotice
{
    /// <summary>The percentage of <see cref="Contracts.Policy.V1.LimitExceeded"/>: above every threshold.</summary>
    public const int Exceeded = 101;

    /// <summary>The account.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The account as a whole, a person in it, or a key.</summary>
    public required string Target { get; init; }

    /// <summary>The limit's code.</summary>
    public required string Limit { get; init; }

    /// <summary>The beginning of the window, UTC.</summary>
    public required DateTimeOffset WindowStart { get; init; }

    /// <summary>50, 80 or 100, or <see cref="Exceeded"/>.</summary>
    public required int Percent { get; init; }
}
