using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Identity.TokenServer;

/// <summary>Keys under <c>TokenServer</c>.</summary>
public sealed class TokenServerOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "TokenServer";

    /// <summary>How long an access token is valid. Short: a service checks it without asking anybody whether it still stands.</summary>
    [DurationRange("00:05:00", "00:10:00")]
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a refresh token is valid after it was issued; each use issues a new one.</summary>
    [DurationRange("00:10:00", "90.00:00:00")]
    public TimeSpan RefreshTokenLifetime { get; set; } = TimeSpan.FromDays(14);

    /// <summary>How long a refresh token that was used may come again: an answer that was lost, two tabs at once.</summary>
    [DurationRange("00:00:00", "00:05:00")]
    public TimeSpan RefreshTokenReuseLeeway { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a code waits to be exchanged.</summary>
    [DurationRange("00:00:30", "00:10:00")]
    public TimeSpan AuthorizationCodeLifetime { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a request to sign in is remembered: the time to sign in, or to register and open a mail.</summary>
    [DurationRange("00:05:00", "1.00:00:00")]
    public TimeSpan RequestLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long the code on a device can be entered.</summary>
    [DurationRange("00:01:00", "01:00:00")]
    public TimeSpan DeviceCodeLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often a device may ask whether it was allowed.</summary>
    [DurationRange("00:00:01", "00:01:00")]
    public TimeSpan DevicePollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an admin acts as somebody else with one token.</summary>
    [DurationRange("00:01:00", "00:10:00")]
    public TimeSpan ImpersonationLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How old the last credential of an admin may be who begins to act as somebody else.</summary>
    [DurationRange("00:01:00", "00:15:00")]
    public TimeSpan ImpersonationStepUp { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often what is over is deleted.</summary>
    [DurationRange("00:01:00", "1.00:00:00")]
    public TimeSpan PruneInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long tokens, authorizations, links, invitations and sessions are kept after they are over, to answer questions about them. Registrations that
    /// nobody finished are not.
    /// </summary>
    [DurationRange("01:00:00", "365.00:00:00")]
    public TimeSpan PruneAfter { get; set; } = TimeSpan.FromDays(30);

    /// <summary>The keys.</summary>
    public SigningKeyOptions Keys { get; set; } = new();
}

/// <summary>Keys under <c>TokenServer:Keys</c>. The defaults are those of Duende's key management.</summary>
public sealed class SigningKeyOptions
{
    /// <summary>How long a key is used.</summary>
    [DurationRange("1.00:00:00", "730.00:00:00")]
    public TimeSpan Rotation { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long before its use a key is announced: longer than anybody remembers the key set.</summary>
    [DurationRange("01:00:00", "90.00:00:00")]
    public TimeSpan Announcement { get; set; } = TimeSpan.FromDays(14);

    /// <summary>How long a key is kept after its use: at least as long as anything that it signed or encrypted is valid.</summary>
    [DurationRange("01:00:00", "365.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(14);

    /// <summary>How often each process looks at the table, and rotates what is due.</summary>
    [DurationRange("00:00:05", "01:00:00")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMinutes(1);
}
