using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Gateway.Routing;

/// <summary>Keys under <c>Routing</c>.</summary>
public sealed class RoutingOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Routing";

    /// <summary>The longest an ordinary answer may take, from the request's arrival to its last byte.</summary>
    [DurationRange("00:00:00.100", "00:10:00")]
    public TimeSpan StandardTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest a bulk write, an export or a report may take.</summary>
    [DurationRange("00:00:00.100", "01:00:00")]
    public TimeSpan LongTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest a stream may be silent. Services send a comment or an event more often than that.</summary>
    [DurationRange("00:00:01", "01:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often each replica of each service is asked for its health.</summary>
    [DurationRange("00:00:00.100", "00:10:00")]
    public TimeSpan HealthInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest a replica may take to tell its health. Longer than a service's own checks take at most.</summary>
    [DurationRange("00:00:00.100", "00:01:00")]
    public TimeSpan HealthTimeout { get; set; } = TimeSpan.FromSeconds(6);
}
