using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Policy.Decisions;

/// <summary>Keys under <c>Policy:Decisions</c>.</summary>
public sealed class DecisionOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Policy:Decisions";

    /// <summary>How long a hold lasts when the caller does not say. Default 2 minutes.</summary>
    [DurationRange("00:00:01", "1.00:00:00", ErrorMessage = "Policy:Decisions:HoldLifetime must be between 1 second and 1 day.")]
    public TimeSpan HoldLifetime { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest time that a hold may be asked for at once. Default 1 hour.</summary>
    [DurationRange("00:00:01", "1.00:00:00", ErrorMessage = "Policy:Decisions:LongestHold must be between 1 second and 1 day.")]
    public TimeSpan LongestHold { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long a finished hold is remembered, for repetitions and for usage that is reported late. What was committed and is not in the ledger by then counts no
    /// more. Default 1 day.
    /// </summary>
    [DurationRange("00:01:00", "7.00:00:00", ErrorMessage = "Policy:Decisions:RememberHolds must be between 1 minute and 7 days.")]
    public TimeSpan RememberHolds { get; set; } = TimeSpan.FromDays(1);

    /// <summary>After Redis did not answer, how long it is left alone. Default 1 second.</summary>
    [DurationRange("00:00:00.0100000", "00:01:00", ErrorMessage = "Policy:Decisions:RedisPause must be between 10 milliseconds and 1 minute.")]
    public TimeSpan RedisPause { get; set; } = TimeSpan.FromSeconds(1);
}
