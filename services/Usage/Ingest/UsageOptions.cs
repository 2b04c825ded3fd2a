using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Usage.Ingest;

/// <summary>Keys under <c>Usage</c>.</summary>
public sealed class UsageOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Usage";

    /// <summary>How far ahead of our clock an event's time may be. Default 5 minutes.</summary>
    [DurationRange("00:00:00", "1.00:00:00", ErrorMessage = "Usage:MaximumLead must be between 0 and 1 day.")]
    public TimeSpan MaximumLead { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How old an event may be. Default ten years, so that history can be brought along.</summary>
    [DurationRange("1.00:00:00", "36500.00:00:00", ErrorMessage = "Usage:MaximumAge must be between 1 and 36500 days.")]
    public TimeSpan MaximumAge { get; set; } = TimeSpan.FromDays(3653);
}
