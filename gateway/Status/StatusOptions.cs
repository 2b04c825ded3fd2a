using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Gateway.Status;

/// <summary>Keys under <c>Status</c>.</summary>
public sealed class StatusOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Status";

    /// <summary>The time between two rounds of questions to the services.</summary>
    [DurationRange("00:00:00.100", "00:10:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest a service may take to answer. Longer than its own checks take at most, so that it can still say which one hangs.</summary>
    [DurationRange("00:00:00.100", "00:01:00")]
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(6);
}
