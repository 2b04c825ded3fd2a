using System.ComponentModel.DataAnnotations;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Gateway.Session;

/// <summary>Keys under <c>Session</c>.</summary>
public sealed class BrowserSessionOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Session";

    /// <summary>The gateway's name as a client of Identity.</summary>
    public const string ClientId = "gateway";

    /// <summary>The gateway's secret at Identity, at least 20 characters. Required.</summary>
    [Required]
    [MinLength(20)]
    public string ClientSecret { get; set; } = string.Empty;

    /// <summary>A session ends when nothing was asked with it for so long.</summary>
    [DurationRange("00:01:00", "30.00:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromHours(8);

    /// <summary>A session ends so long after the sign-in, however much it is used.</summary>
    [DurationRange("00:01:00", "90.00:00:00")]
    public TimeSpan AbsoluteLifetime { get; set; } = TimeSpan.FromDays(14);

    /// <summary>An access token that is valid for less than this is exchanged before it is used.</summary>
    [DurationRange("00:00:01", "00:04:00")]
    public TimeSpan RefreshBefore { get; set; } = TimeSpan.FromSeconds(60);
}
