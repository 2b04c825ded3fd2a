using System.ComponentModel.DataAnnotations;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Gateway.Keys;

/// <summary>Keys under <c>KeyCache</c>.</summary>
public sealed class KeyCacheOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "KeyCache";

    /// <summary>How long what a key stands for is remembered, at most 30 s. Never beyond its token, and not at all while revocations are not heard.</summary>
    [DurationRange("00:00:00", "00:00:30")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it is remembered that a key is none.</summary>
    [DurationRange("00:00:00", "00:00:30")]
    public TimeSpan RefusalLifetime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many keys are remembered, and how many that are none. What comes when it is full is looked up each time.</summary>
    [Range(1, 10_000_000)]
    public int Capacity { get; set; } = 100_000;
}
