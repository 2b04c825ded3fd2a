using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Domain;

namespace BotGeneric.Identity.Tests.Organizations;

/// <summary>The table of docs/decisions/0015, cell by cell.</summary>
public sealed class OrganizationPermissionTests
{
    private const string Owner = OrganizationRoles.Owner;
    private const string Admin = OrganizationRoles.Admin;
    private const string Member = OrganizationRoles.Member;
    private const string Billing = OrganizationRoles.Billing;

    public static TheoryData<OrganizationAct, string[]> Acts => new()
    {
        { OrganizationAct.See, [Owner, Admin, Member, Billing] },
        { OrganizationAct.SeeMembers, [Owner, Admin, Member] },
        { OrganizationAct.Rename, [Owner, Admin] },
        { OrganizationAct.Invite, [Owner, Admin] },
        { OrganizationAct.ManageMembers, [Owner, Admin] },
        { OrganizationAct.ManageKeys, [Owner, Admin] },
        { OrganizationAct.ManageBilling, [Owner, Admin, Billing] },
        { OrganizationAct.Transfer, [Owner] },
        { OrganizationAct.Close, [Owner] },
    };

    [Theory]
    [MemberData(nameof(Acts))]
    public void A_role_allows_what_the_table_says(OrganizationAct act, string[] allowed)
    {
        Assert.All(OrganizationRoles.All, role => Assert.Equal(allowed.Contains(role), OrganizationPermissions.Allows(role, act)));
        Assert.False(OrganizationPermissions.Allows(null, act));
        Assert.False(OrganizationPermissions.Allows("stranger", act));
    }

    [Fact]
    public void The_table_has_every_act() => Assert.Equal(Enum.GetValues<OrganizationAct>().Order(), Acts.Select(row => (OrganizationAct)row[0]).Order());

    [Fact]
    public void Owners_and_admins_give_and_take_every_role_but_the_owners()
    {
        string?[] actors = [.. OrganizationRoles.All, null, "stranger"];
        string[] roles = [.. OrganizationRoles.All, "stranger"];
        foreach (var actor in actors)
        {
            var manages = actor is Owner or Admin;
            foreach (var role in roles)
            {
                var isGiven = role is Admin or Member or Billing;
                Assert.Equal(manages && isGiven, OrganizationPermissions.MayInvite(actor, role));
                Assert.Equal(manages && isGiven, OrganizationPermissions.MayRemove(actor, role));
                Assert.All(roles, to => Assert.Equal(
                    manages && isGiven && to is Admin or Member or Billing, OrganizationPermissions.MayChangeRole(actor, role, to)));
            }
        }
    }

    [Fact]
    public void Everybody_but_the_owner_may_leave()
    {
        Assert.All([Admin, Member, Billing], role => Assert.True(OrganizationPermissions.MayLeave(role)));
        Assert.False(OrganizationPermissions.MayLeave(Owner));
        Assert.False(OrganizationPermissions.MayLeave(null));
    }
}
