using BotGeneric.Identity.Domain;

namespace BotGeneric.Identity.Organizations;

/// <summary>An organization, as one of its members sees it.</summary>
/// <param name="Id">The organization.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Role">The caller's role in it: <c>owner</c>, <c>admin</c>, <c>member</c> or <c>billing</c>.</param>
/// <param name="Members">How many people are part of it; null for a role that does not see members.</param>
/// <param name="CreatedAt">When it was created, UTC.</param>
/// <param name="IsActive">Whether the caller's session acts in its name.</param>
public sealed record OrganizationDetail(Guid Id, string Name, string Role, int? Members, DateTimeOffset CreatedAt, bool IsActive);

/// <summary>A member of an organization.</summary>
/// <param name="UserId">The person.</param>
/// <param name="DisplayName">What the person wants to be called; null until known.</param>
/// <param name="Email">The verified address; null without one, and for those who cannot manage members.</param>
/// <param name="Role"><c>owner</c>, <c>admin</c>, <c>member</c> or <c>billing</c>.</param>
/// <param name="JoinedAt">When the person joined, UTC.</param>
public sealed record MemberDetail(Guid UserId, string? DisplayName, string? Email, string Role, DateTimeOffset JoinedAt);

/// <summary>An invitation that can still be accepted, or ran out without an answer.</summary>
/// <param name="Id">The invitation.</param>
/// <param name="Email">The address it was sent to.</param>
/// <param name="Role">The role that comes with it.</param>
/// <param name="InvitedBy">Who invited.</param>
/// <param name="CreatedAt">When, UTC.</param>
/// <param name="ExpiresAt">Until when it can be accepted, UTC.</param>
/// <param name="IsExpired">Whether that time is over; it can be sent again.</param>
public sealed record InvitationDetail(
    Guid Id, string Email, string Role, Guid InvitedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, bool IsExpired)
{
    internal static InvitationDetail From(Invitation invitation, DateTimeOffset now) => new(
        invitation.Id, invitation.Email, invitation.Role, invitation.InvitedBy, invitation.CreatedAt, invitation.ExpiresAt, now >= invitation.ExpiresAt);
}

/// <summary>In whose name a session acts from now on.</summary>
/// <param name="OrganizationId">The organization; null: in one's own name.</param>
public sealed record ActiveOrganizationDetail(Guid? OrganizationId);
