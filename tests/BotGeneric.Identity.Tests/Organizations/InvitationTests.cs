using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Tests.Support.People;
using BotGeneric.Identity.TokenServer.Maintenance;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Organizations;

public sealed class InvitationTests(InvitationTests.Application identity) : IClassFixture<InvitationTests.Application>
{
    [Fact]
    public async Task Of_two_invitations_for_one_address_at_once_one_is_sent()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var organization = await owner.CreateOrganizationAsync();

        var statuses = await Task.WhenAll(new[] { "Guest@example.com", "guest@Example.com" }.Select(
            email => owner.Api.StatusAsync(HttpMethod.Post, $"/api/organizations/{organization}/invitations", new { email, role = "member" })));

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Conflict], statuses.Order());
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_an_invitation_is_said_at_once_by_the_api_and_by_the_page()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var organization = await owner.CreateOrganizationAsync();
        using var browser = await owner.BrowseAsync();

        using var refused = await owner.Api.TryAsync(
            HttpMethod.Post, $"/api/organizations/{organization}/invitations", new { email = "no address", role = "owner" });
        using var page = await browser.SubmitAsync(
            $"/account/organizations/{organization}", $"/account/organizations/{organization}/invitations", ("email", "no address"), ("role", "owner"));

        var errors = (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        Assert.Equal(["email", "role"], errors.EnumerateObject().Select(error => error.Name).Order());
        var html = await page.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadRequest, page.StatusCode);
        Assert.Contains("id=\"field-invited-role-error\"", html, StringComparison.Ordinal);
        // Beside its field, and in the summary.
        Assert.All(
            errors.EnumerateObject(), error => Assert.Equal(3, html.Split(WebUtility.HtmlEncode(error.Value[0].GetString()!)).Length));
    }

    [Fact]
    public async Task Accepting_twice_at_once_joins_once()
    {
        var (owner, guest) = (await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("guest"));
        var organization = await owner.CreateOrganizationAsync();
        await InviteAsync(owner, organization, guest.Email);
        var token = await identity.TokenAsync(guest.Email);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 2).Select(
            _ => guest.Api.StatusAsync(HttpMethod.Post, "/api/organizations/invitations/accept", new { token })));

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
        await identity.WithDatabaseAsync(async db =>
        {
            Assert.Equal(1, (await db.Memberships.SingleAsync(row => row.OrganizationId == organization && row.UserId == guest.Id)).Revision);
            Assert.Equal(1, await db.AuditEntries.CountAsync(row => row.OrganizationId == organization && row.Action == AuditActions.MemberJoined));
            return 0;
        });
    }

    [Fact]
    public async Task Only_the_invited_address_accepts_and_the_secret_is_not_kept()
    {
        var (owner, guest, other, nameless) = (
            await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("guest"), await identity.CreatePersonAsync("other"),
            await identity.CreatePersonAsync("nameless", withEmail: false));
        var organization = await owner.CreateOrganizationAsync();
        await InviteAsync(owner, organization, guest.Email);
        var token = await identity.TokenAsync(guest.Email);

        Assert.Equal(HttpStatusCode.Forbidden, await AcceptAsync(other, token));
        Assert.Equal(HttpStatusCode.Forbidden, await AcceptAsync(nameless, token));
        Assert.Equal(HttpStatusCode.NotFound, await AcceptAsync(guest, token + "x"));
        Assert.DoesNotContain(token, await DumpAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await AcceptAsync(guest, token));
    }

    [Fact]
    public async Task A_repeated_invitation_has_a_new_link_and_the_old_one_is_dead()
    {
        var (owner, guest) = (await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("guest"));
        var organization = await owner.CreateOrganizationAsync();
        var invitation = await InviteAsync(owner, organization, guest.Email);
        var first = await identity.TokenAsync(guest.Email);

        identity.Time.Advance(TimeSpan.FromSeconds(1));
        await owner.Api.SendAsync(HttpMethod.Post, $"/api/organizations/{organization}/invitations/{invitation}/resend");
        var second = await Testing.Eventually.GetAsync(() => identity.TokenAsync(guest.Email), token => token != first, "a new link");

        Assert.Equal(HttpStatusCode.NotFound, await AcceptAsync(guest, first));
        Assert.Equal(HttpStatusCode.OK, await AcceptAsync(guest, second));
    }

    [Fact]
    public async Task An_invitation_runs_out_after_a_week_and_makes_room_for_another()
    {
        var (owner, guest) = (await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("guest"));
        var organization = await owner.CreateOrganizationAsync();
        await InviteAsync(owner, organization, guest.Email);
        var token = await identity.TokenAsync(guest.Email);

        identity.Time.Advance(TimeSpan.FromDays(7));

        Assert.Equal(HttpStatusCode.Conflict, await AcceptAsync(guest, token));
        await InviteAsync(owner, organization, guest.Email);
    }

    [Fact]
    public async Task Who_left_can_come_back_and_the_revision_goes_on()
    {
        var (owner, guest) = (await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("guest"));
        var organization = await owner.CreateOrganizationAsync();
        await identity.JoinAsync(owner, organization, guest, OrganizationRoles.Member);
        await guest.Api.SendAsync(HttpMethod.Post, $"/api/organizations/{organization}/leave");
        identity.Time.Advance(TimeSpan.FromSeconds(1));
        var before = await identity.TokenAsync(guest.Email);
        await InviteAsync(owner, organization, guest.Email, "billing");
        var token = await Testing.Eventually.GetAsync(() => identity.TokenAsync(guest.Email), found => found != before, "a new link");

        Assert.Equal(HttpStatusCode.OK, await AcceptAsync(guest, token));

        var membership = await identity.WithDatabaseAsync(db => db.Memberships.SingleAsync(row => row.OrganizationId == organization && row.UserId == guest.Id));
        Assert.Equal(("billing", 3L), (membership.Role, membership.Revision));
    }

    [Fact]
    public async Task An_organization_sends_a_limited_number_of_invitations_an_hour()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var organization = await owner.CreateOrganizationAsync();
        for (var number = 0; number < 5; number++)
        {
            await InviteAsync(owner, organization, $"guest{number}@example.com");
        }

        using var refused = await owner.Api.TryAsync(
            HttpMethod.Post, $"/api/organizations/{organization}/invitations", new { email = "one-more@example.com", role = "member" });
        identity.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        await InviteAsync(owner, organization, "one-more@example.com");
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("two@example.com, three@example.com")]
    [InlineData("Name <name@example.com>")]
    [InlineData("a@b\r\nBcc: c@example.com")]
    public async Task What_is_no_address_is_not_invited(string email)
    {
        var owner = await identity.CreatePersonAsync("owner");
        var organization = await owner.CreateOrganizationAsync();

        Assert.Equal(HttpStatusCode.BadRequest, await owner.Api.StatusAsync(
            HttpMethod.Post, $"/api/organizations/{organization}/invitations", new { email, role = "member" }));
    }

    [Fact]
    public async Task Opening_the_link_changes_nothing_and_the_pages_form_accepts()
    {
        var (owner, guest) = (await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("guest"));
        var organization = await owner.CreateOrganizationAsync();
        await InviteAsync(owner, organization, guest.Email);
        var mail = await identity.Mail.WaitForAsync(guest.Email, NotificationTemplates.OrganizationInvitation);
        var path = new Uri(mail.Values["link"]).PathAndQuery;

        using (var stranger = identity.OpenBrowser())
        {
            Assert.Contains("/register?returnUrl=%2Faccount%2Finvitations%2Faccept%3Ftoken%3D", await stranger.ReadAsync(path), StringComparison.Ordinal);
        }

        using var browser = await guest.BrowseAsync();
        Assert.Contains("Acme", await browser.ReadAsync(path), StringComparison.Ordinal);
        Assert.Null(await identity.RoleAsync(organization, guest.Id));
        using var accepted = await browser.SubmitAsync(path, null);
        Assert.Equal(HttpStatusCode.Found, accepted.StatusCode);
        Assert.Equal($"/account/organizations/{organization}?done=joined", accepted.Headers.Location?.OriginalString);
        Assert.Equal("member", await identity.RoleAsync(organization, guest.Id));
    }

    [Fact]
    public async Task Somebody_signed_in_with_another_address_learns_so_and_cannot_accept()
    {
        var (owner, other) = (await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("other"));
        var organization = await owner.CreateOrganizationAsync();
        await InviteAsync(owner, organization, "invited@example.com");
        var token = await identity.TokenAsync("invited@example.com");
        using var browser = await other.BrowseAsync();

        using var page = await browser.GetAsync($"/account/invitations/accept?token={token}");
        var html = await page.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        Assert.Contains(other.Email, html, StringComparison.Ordinal);
        Assert.DoesNotContain("invited@example.com", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<form method=\"post\" action=\"/account/invitations/accept\"", html, StringComparison.Ordinal);
    }

    private static async Task<Guid> InviteAsync(Person owner, Guid organization, string email, string role = "member") =>
        (await owner.Api.SendAsync(HttpMethod.Post, $"/api/organizations/{organization}/invitations", new { email, role })).GetProperty("id").GetGuid();

    private static Task<HttpStatusCode> AcceptAsync(Person person, string token) =>
        person.Api.StatusAsync(HttpMethod.Post, "/api/organizations/invitations/accept", new { token });

    private Task<string> DumpAsync() => identity.WithDatabaseAsync(db => db.Database
        .SqlQueryRaw<string>("SELECT coalesce(string_agg(i::text, ' '), '') || coalesce((SELECT string_agg(a::text, ' ') FROM audit_entries a), '') AS \"Value\" FROM invitations i")
        .SingleAsync());

    [Fact]
    public async Task An_address_is_forgotten_a_month_after_its_invitation_ran_out()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var organization = await owner.CreateOrganizationAsync();
        await owner.Api.SendAsync(HttpMethod.Post, $"/api/organizations/{organization}/invitations", new { email = "nobody@example.com", role = "member" });
        var pruning = identity.Services.GetRequiredService<Pruning>();

        identity.Time.Advance(TimeSpan.FromDays(36));
        await pruning.PruneAsync(CancellationToken.None);
        Assert.Equal(1, await CountAsync());
        identity.Time.Advance(TimeSpan.FromDays(2));
        await pruning.PruneAsync(CancellationToken.None);
        Assert.Equal(0, await CountAsync());

        Task<int> CountAsync() => identity.WithDatabaseAsync(db => db.Invitations.CountAsync(invitation => invitation.OrganizationId == organization));
    }

    public sealed class Application : PeopleApplication
    {
        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings)
        {
            ["Organizations:MaximumInvitationsPerHour"] = "5",
        };
    }
}
