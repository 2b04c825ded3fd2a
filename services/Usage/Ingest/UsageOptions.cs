using System.ComponentModel.DataAnnotations;
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

    /// <summary>
    /// How long after an event was recorded the same event is a duplicate. Default 35 days. At most 59: the writer looks into the partitions of this month and
    /// the two before, which are never shorter together.
    /// </summary>
    [DurationRange("32.00:00:00", "59.00:00:00", ErrorMessage = "Usage:DedupeWindow must be between 32 and 59 days.")]
    public TimeSpan DedupeWindow { get; set; } = TimeSpan.FromDays(35);

    /// <summary>Batches that this process records at the same time. Default 1: a second one helps where commits wait for a slow disk.</summary>
    [Range(1, 2, ErrorMessage = "Usage:Writers must be 1 or 2.")]
    public int Writers { get; set; } = 1;

    /// <summary>How long a batch of fewer than 500 events waits for more. Default 0, no wait: it has not been measured to be faster.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01", ErrorMessage = "Usage:GatherTime must be between 0 and 1 second.")]
    public TimeSpan GatherTime { get; set; }

    /// <summary>Events in one batch at most. Default 5,000.</summary>
    [Range(1_000, 20_000, ErrorMessage = "Usage:MaximumBatch must be between 1000 and 20000.")]
    public int MaximumBatch { get; set; } = 5_000;

    /// <summary>Events that may wait to be recorded; beyond that reports are refused for the moment (503). Default 50,000, about 40 MB.</summary>
    [Range(1_000, 1_000_000, ErrorMessage = "Usage:MaximumWaiting must be between 1000 and 1000000.")]
    public int MaximumWaiting { get; set; } = 50_000;
}
