using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Identity.Accounts;

/// <summary>Keys under <c>Accounts</c>.</summary>
public sealed class AccountOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Accounts";

    /// <summary>How long a registration waits for its address to be proved.</summary>
    [DurationRange("00:10:00", "7.00:00:00")]
    public TimeSpan RegistrationLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a link to choose a new password works.</summary>
    [DurationRange("00:05:00", "1.00:00:00")]
    public TimeSpan ResetLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long a link to a new address works.</summary>
    [DurationRange("00:10:00", "7.00:00:00")]
    public TimeSpan EmailChangeLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a sign-in waits for its second factor.</summary>
    [DurationRange("00:01:00", "01:00:00")]
    public TimeSpan SecondFactorLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long somebody who asked for deletion can change their mind.</summary>
    [DurationRange("1.00:00:00", "365.00:00:00")]
    public TimeSpan DeletionGrace { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How often this process looks for deletions that are due.</summary>
    [DurationRange("00:00:01", "1.00:00:00")]
    public TimeSpan ErasureInterval { get; set; } = TimeSpan.FromMinutes(5);
}
