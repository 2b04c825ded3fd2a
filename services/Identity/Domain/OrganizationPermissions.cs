using BotGeneric.Contracts.Identity.V1;

namespace BotGeneric.Identity.Domain;

/// <summary>What a member of an organization can want to do with it.</summary>
public enum OrganizationAct
{
    /// <summary>See that it exists, what it is called and what one's own role is; act in its name; leave it.</summary>
    See,

    /// <summary>See who is part of it.</summary>
    SeeMembers,

    /// <summary>Call it something else.</summary>
    Rename,

    /// <summary>See and manage invitations.</summary>
    Invite,

    /// <summary>Change roles and remove members.</summary>
    ManageMembers,

    /// <summary>See and manage the keys that act in its name.</summary>
    ManageKeys,

    /// <summary>See and change what it pays for.</summary>
    ManageBilling,

    /// <summary>Hand it over to another member.</summary>
    Transfer,

    /// <summary>Close it.</summary>
    Close,
}

/// <summary>
/// Who may do what in an organization. The one table; docs/decisions/0015 shows it. Ownership changes by handing over and in no other way, so
/// no rule here gives, takes or touches the role <c>owner</c>.
/// </summary>
public static class OrganizationPermissions
{
    private static readonly Dictionary<string, OrganizationAct[]> Acts = new(StringComparer.Ordinal)
    {
        [OrganizationRoles.Owner] = Enum.GetValues<OrganizationAct>(),
        [OrganizationRoles.Admin] =
        [
            OrganizationAct.See, OrganizationAct.SeeMembers, OrganizationAct.Rename, OrganizationAct.Invite, OrganizationAct.ManageMembers,
            OrganizationAct.ManageKeys, OrganizationAct.ManageBilling,
        ],
        [OrganizationRoles.Member] = [OrganizationAct.See, OrganizationAct.SeeMembers],
        [OrganizationRoles.Billing] = [OrganizationAct.See, OrganizationAct.ManageBilling],
    };

    /// <summary>The roles that can be given; <c>owner</c> is handed over instead.</summary>
    public static IReadOnlyList<string> GivenRoles { get; } = [OrganizationRoles.Admin, OrganizationRoles.Member, OrganizationRoles.Billing];

    /// <summary>The roles that allow an act, for queries.</summary>
    /// <param name="act">The act.</param>
    public static IReadOnlyList<string> RolesWith(OrganizationAct act) => [.. Acts.Where(role => role.Value.Contains(act)).Select(role => role.Key)];

    /// <summary>Whether a role allows an act.</summary>
    /// <param name="role">The role; null: no member.</param>
    /// <param name="act">The act.</param>
    public static bool Allows(string? role, OrganizationAct act) => role is not null && Acts.TryGetValue(role, out var acts) && acts.Contains(act);

    /// <summary>The role of somebody who has two in one organization: the one that allows what the other allows and more; else the first.</summary>
    /// <param name="first">The one role.</param>
    /// <param name="second">The other.</param>
    public static string Higher(string first, string second) => Acts[second].Length > Acts[first].Length && Acts[first].All(Acts[second].Contains) ? second : first;

    /// <summary>Whether somebody may invite people with a role.</summary>
    /// <param name="actor">The role of who invites.</param>
    /// <param name="role">The role that comes with the invitation.</param>
    public static bool MayInvite(string? actor, string role) => Allows(actor, OrganizationAct.Invite) && GivenRoles.Contains(role);

    /// <summary>Whether somebody may give a member another role.</summary>
    /// <param name="actor">The role of who changes.</param>
    /// <param name="from">The role that the member has.</param>
    /// <param name="to">The role that the member is to have.</param>
    public static bool MayChangeRole(string? actor, string from, string to) =>
        Allows(actor, OrganizationAct.ManageMembers) && GivenRoles.Contains(from) && GivenRoles.Contains(to);

    /// <summary>Whether somebody may remove a member.</summary>
    /// <param name="actor">The role of who removes.</param>
    /// <param name="target">The role of the member.</param>
    public static bool MayRemove(string? actor, string target) => Allows(actor, OrganizationAct.ManageMembers) && GivenRoles.Contains(target);

    /// <summary>Whether a member may leave. The owner hands over first, so that no organization is without one.</summary>
    /// <param name="role">The member's role.</param>
    public static bool MayLeave(string? role) => role is not null && GivenRoles.Contains(role);
}
