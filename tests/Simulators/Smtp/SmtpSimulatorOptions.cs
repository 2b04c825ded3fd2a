using System.ComponentModel.DataAnnotations;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Simulators.Smtp;

/// <summary>Keys under <c>Smtp</c>.</summary>
public sealed class SmtpSimulatorOptions
{
    /// <summary>The configuration section. Without it the simulated mail server is off.</summary>
    public const string SectionName = "Smtp";

    /// <summary>The port on the loopback addresses; 0 takes a free one.</summary>
    [Range(0, 65535, ErrorMessage = "Smtp:Port must be 0 to 65535.")]
    public int Port { get; set; }

    /// <summary>Whether connections are encrypted.</summary>
    public SmtpEncryption Encryption { get; set; } = SmtpEncryption.None;

    /// <summary>The name that a client must sign in with; none: nobody signs in.</summary>
    public string? User { get; set; }

    /// <summary>The password that a client must sign in with.</summary>
    public string? Password { get; set; }

    /// <summary>The largest message, in bytes.</summary>
    [Range(1024, 100_000_000, ErrorMessage = "Smtp:MaximumBytes must be 1024 to 100000000.")]
    public int MaximumBytes { get; set; } = 10_000_000;

    /// <summary>How many messages are kept; the oldest go first.</summary>
    [Range(1, 100_000, ErrorMessage = "Smtp:Kept must be 1 to 100000.")]
    public int Kept { get; set; } = 1000;

    /// <summary>How long a client may be silent (RFC 5321, 4.5.3.2.7 wants 5 minutes at least).</summary>
    [DurationRange("00:00:01", "01:00:00", ErrorMessage = "Smtp:IdleTimeout must be between 1 second and 1 hour.")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(5);
}

/// <summary>What the simulated mail server says about encryption.</summary>
public enum SmtpEncryption
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>STARTTLS is offered. Nobody may sign in before it.</summary>
    Offered,

    /// <summary>STARTTLS is demanded: before it there is no sign-in and no message.</summary>
    Required,
}
