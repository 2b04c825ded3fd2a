using System.ComponentModel.DataAnnotations;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Policy.WhatIf;

/// <summary>Keys under <c>Policy:WhatIf</c>.</summary>
public sealed class WhatIfOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Policy:WhatIf";

    /// <summary>Where recorded use is asked for.</summary>
    [Required]
    public Uri UsageAddress { get; set; } = new("http://usage");

    /// <summary>How long recorded use is gone through; the answer then says how far it came. Shorter than the gateway waits for an answer.</summary>
    [DurationRange("00:00:01", "00:01:00")]
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Counters, and uses in sliding windows, that are remembered at most; about 100 bytes each.</summary>
    [Range(1_000, 10_000_000)]
    public int Memory { get; set; } = 1_000_000;
}
