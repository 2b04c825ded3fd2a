using BotGeneric.Contracts.Notifications.V1;

namespace BotGeneric.Identity.Tests.Support.People;

/// <summary>Organizations as tests need them.</summary>
internal static class World
{
    public static async Task<Guid> CreateOrganizationAsync(this Person owner, string name = "Acme") =>
        (await owner.Api.SendAsync(HttpMethod.Post, "/api/organizations", new { name })).GetProperty("id").GetGuid();

    /// <summary>Invites somebody, who accepts.</summary>
    public static async Task JoinAsync(this PeopleApplication identity, Person inviter, Guid organization, Person invited, string role)
    {
        await inviter.Api.SendAsync(HttpMethod.Post, $"/api/organizations/{organization}/invitations", new { email = invited.Email, role });
        var token = await identity.TokenAsync(invited.Email);
        await invited.Api.SendAsync(HttpMethod.Post, "/api/organizations/invitations/accept", new { token });
    }

    /// <summary>The token in the newest invitation to an address.</summary>
    public static async Task<string> TokenAsync(this PeopleApplication identity, string address)
    {
        var mail = await identity.Mail.WaitForAsync(address, NotificationTemplates.OrganizationInvitation);
        return mail.Values["link"].Split("token=")[1];
    }

    public static Task<string?> RoleAsync(this PeopleApplication identity, Guid organization, Guid user) => identity.WithDatabaseAsync(async db =>
        (await db.Memberships.FindAsync(organization, user))?.Role);
}
