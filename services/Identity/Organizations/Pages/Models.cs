using BotGeneric.Identity.Access;

namespace BotGeneric.Identity.Organizations.Pages;

/// <summary>What the page of all organizations shows.</summary>
public sealed record OrganizationsModel(
    IReadOnlyList<OrganizationDetail> Organizations, Guid? Active, string? Done, Refusal? Refusal, string? Name);

/// <summary>What the page of one organization shows. Members and invitations are null for those who do not see them.</summary>
public sealed record OrganizationModel(
    OrganizationDetail Organization, Guid UserId, IReadOnlyList<MemberDetail>? Members, IReadOnlyList<InvitationDetail>? Invitations, string? Done,
    Refusal? Refusal, string? Email);

/// <summary>What the page of an invitation shows.</summary>
public sealed record InvitationModel(
    string Token, ReceivedInvitation? Invitation, bool IsSignedIn, string? Email, bool IsForAnother, Refusal? Refusal);

/// <summary>What was done just now, if the address says so in one of our words.</summary>
internal static class DoneWords
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "created", "renamed", "invited", "resent", "revoked", "role", "removed", "left", "transferred", "closed", "selected", "joined", "declined",
    };

    internal static string? Of(string? done) => done is not null && Known.Contains(done) ? OrganizationTexts.Get($"done.{done}") : null;
}
