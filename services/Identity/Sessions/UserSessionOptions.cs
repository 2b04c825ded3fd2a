using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Identity.Sessions;

/// <summary>Keys under <c>Sessions</c>.</summary>
public sealed class UserSessionOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Sessions";

    /// <summary>How long a sign-in lasts whatever happens.</summary>
    [DurationRange("00:05:00", "365.00:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>After how long without use it ends.</summary>
    [DurationRange("00:05:00", "365.00:00:00")]
    public TimeSpan Idle { get; set; } = TimeSpan.FromDays(14);

    /// <summary>How long an application lasts that was signed in with a device code. Without use it ends like any other sign-in.</summary>
    [DurationRange("00:05:00", "3650.00:00:00")]
    public TimeSpan Device { get; set; } = TimeSpan.FromDays(365);

    /// <summary>How old the last credential may be before something that matters: linking, a new password, deletion.</summary>
    [DurationRange("00:01:00", "01:00:00")]
    public TimeSpan Fresh { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an admin acts as somebody else in the browser, at most until the admin's own session ends.</summary>
    [DurationRange("00:01:00", "01:00:00")]
    public TimeSpan Impersonation { get; set; } = TimeSpan.FromMinutes(30);
}
