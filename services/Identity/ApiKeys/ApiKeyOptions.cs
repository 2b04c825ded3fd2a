using System.ComponentModel.DataAnnotations;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Identity.ApiKeys;

/// <summary>Keys under <c>ApiKeys</c>.</summary>
public sealed class ApiKeyOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "ApiKeys";

    /// <summary>How many keys of one person or one organization may work at a time.</summary>
    [Range(1, 10_000)]
    public int MaximumPerAccount { get; set; } = 50;

    /// <summary>How long a key may work at most.</summary>
    [DurationRange("01:00:00", "366.00:00:00")]
    public TimeSpan MaximumLifetime { get; set; } = TimeSpan.FromDays(366);

    /// <summary>Whether a key may work until it is revoked.</summary>
    public bool AllowWithoutExpiry { get; set; } = true;

    /// <summary>How long a key goes on working beside the one that takes its place, unless something else is asked for.</summary>
    [DurationRange("00:00:00", "7.00:00:00")]
    public TimeSpan RotationOverlap { get; set; } = TimeSpan.FromHours(24);
}
