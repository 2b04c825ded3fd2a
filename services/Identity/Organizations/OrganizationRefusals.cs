using BotGeneric.Identity.Access;

namespace BotGeneric.Identity.Organizations;

/// <summary>Why something is not done with an organization.</summary>
internal static class OrganizationRefusals
{
    internal static readonly Refusal NotFound = Refusal.NotFound("organization-not-found");
    internal static readonly Refusal NoAccount = Refusal.NotFound("account-not-found");
    internal static readonly Refusal RoleTooLow = Refusal.Forbidden("role-too-low");
    internal static readonly Refusal MemberNotFound = Refusal.NotFound("member-not-found");
    internal static readonly Refusal InvitationNotFound = Refusal.NotFound("invitation-not-found");
    internal static readonly Refusal InvitationClosed = Refusal.Conflict("invitation-closed");
    internal static readonly Refusal InvitationForAnother = Refusal.Forbidden("invitation-for-another");
    internal static readonly Refusal OwnerUntouchable = Refusal.Conflict("owner-untouchable");
    internal static readonly Refusal OwnerCannotLeave = Refusal.Conflict("owner-cannot-leave");
    internal static readonly Refusal AlreadyOwner = Refusal.Conflict("already-owner");
    internal static readonly Refusal AlreadyMember = Refusal.Conflict("already-member");
    internal static readonly Refusal AlreadyInvited = Refusal.Conflict("already-invited");
    internal static readonly Refusal NoSession = Refusal.Conflict("no-session");
}
