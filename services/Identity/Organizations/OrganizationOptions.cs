using System.ComponentModel.DataAnnotations;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Identity.Organizations;

/// <summary>Keys under <c>Organizations</c>.</summary>
public sealed class OrganizationOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Organizations";

    /// <summary>How many open organizations one person may own.</summary>
    [Range(1, 10_000)]
    public int MaximumOwned { get; set; } = 10;

    /// <summary>How many members an organization may have.</summary>
    [Range(1, 100_000)]
    public int MaximumMembers { get; set; } = 1000;

    /// <summary>How many invitations of an organization may be open at a time.</summary>
    [Range(1, 10_000)]
    public int MaximumOpenInvitations { get; set; } = 50;

    /// <summary>How many invitations an organization may send in an hour, repeated ones counted.</summary>
    [Range(1, 10_000)]
    public int MaximumInvitationsPerHour { get; set; } = 30;

    /// <summary>How long an invitation can be accepted.</summary>
    [DurationRange("01:00:00", "60.00:00:00")]
    public TimeSpan InvitationLifetime { get; set; } = TimeSpan.FromDays(7);
}
