using System.Net;
using System.Net.Http.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Tests.Support.People;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.Organizations;

public sealed class OrganizationTests(PeopleApplication identity) : IClassFixture<PeopleApplication>
{
    [Fact]
    public async Task A_new_organization_belongs_to_who_created_it_and_a_repeated_request_creates_no_second_one()
    {
        var owner = await identity.CreatePersonAsync("owner");

        var first = await owner.Api.SendAsync(HttpMethod.Post, "/api/organizations", new { name = "  Acme  " }, "key-1");
        var again = await owner.Api.SendAsync(HttpMethod.Post, "/api/organizations", new { name = "  Acme  " }, "key-1");
        var list = await owner.Api.ReadAsync("/api/organizations");

        Assert.Equal("Acme", first.GetProperty("name").GetString());
        Assert.Equal("owner", first.GetProperty("role").GetString());
        Assert.Equal(first.GetProperty("id").GetGuid(), again.GetProperty("id").GetGuid());
        Assert.Equal(1, list.GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("two\nlines")]
    [InlineData("turned \u202e round")]
    public async Task A_name_that_is_none_is_refused(string name)
    {
        var owner = await identity.CreatePersonAsync("owner");

        Assert.Equal(HttpStatusCode.BadRequest, await owner.Api.StatusAsync(HttpMethod.Post, "/api/organizations", new { name }));
    }

    [Fact]
    public async Task Every_endpoint_of_a_foreign_organization_is_404()
    {
        var (owner, member, stranger) = (
            await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("member"), await identity.CreatePersonAsync("stranger"));
        var organization = await owner.CreateOrganizationAsync();
        await stranger.CreateOrganizationAsync("Other");
        await identity.JoinAsync(owner, organization, member, OrganizationRoles.Member);
        var invitation = (await owner.Api.SendAsync(
            HttpMethod.Post, $"/api/organizations/{organization}/invitations", new { email = "guest@example.com", role = "member" })).GetProperty("id").GetGuid();
        var key = (await owner.Api.SendAsync(
            HttpMethod.Post, "/api/keys", new { name = "key", scopes = new[] { "usage:read" }, organizationId = organization })).GetProperty("key").GetProperty("id").GetGuid();
        var path = $"/api/organizations/{organization}";
        (HttpMethod Method, string Path, object? Body)[] calls =
        [
            (HttpMethod.Get, path, null),
            (HttpMethod.Patch, path, new { name = "Mine" }),
            (HttpMethod.Delete, path, null),
            (HttpMethod.Get, $"{path}/members", null),
            (HttpMethod.Patch, $"{path}/members/{member.Id}", new { role = "admin" }),
            (HttpMethod.Delete, $"{path}/members/{member.Id}", null),
            (HttpMethod.Get, $"{path}/invitations", null),
            (HttpMethod.Post, $"{path}/invitations", new { email = "x@example.com", role = "member" }),
            (HttpMethod.Delete, $"{path}/invitations/{invitation}", null),
            (HttpMethod.Post, $"{path}/invitations/{invitation}/resend", null),
            (HttpMethod.Post, $"{path}/transfer", new { userId = stranger.Id }),
            (HttpMethod.Post, $"{path}/leave", null),
            (HttpMethod.Post, $"{path}/select", null),
            (HttpMethod.Get, $"/api/keys?organizationId={organization}", null),
            (HttpMethod.Get, $"/api/keys/{key}", null),
            (HttpMethod.Post, "/api/keys", new { name = "k", scopes = new[] { "usage:read" }, organizationId = organization }),
            (HttpMethod.Patch, $"/api/keys/{key}", new { name = "k" }),
            (HttpMethod.Delete, $"/api/keys/{key}", null),
            (HttpMethod.Post, $"/api/keys/{key}/rotate", new { }),
        ];

        foreach (var call in calls)
        {
            var status = await stranger.Api.StatusAsync(call.Method, call.Path, call.Body);
            Assert.True(status == HttpStatusCode.NotFound, $"{call.Method} {call.Path} answered {(int)status}.");
        }

        Assert.Equal("owner", await identity.RoleAsync(organization, owner.Id));
        Assert.Equal("member", await identity.RoleAsync(organization, member.Id));
    }

    [Fact]
    public async Task A_member_sees_and_does_not_manage_and_billing_sees_no_members()
    {
        var (owner, member, billing) = (
            await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("member"), await identity.CreatePersonAsync("billing"));
        var organization = await owner.CreateOrganizationAsync();
        await identity.JoinAsync(owner, organization, member, OrganizationRoles.Member);
        await identity.JoinAsync(owner, organization, billing, OrganizationRoles.Billing);
        var path = $"/api/organizations/{organization}";

        var seen = (await member.Api.ReadAsync($"{path}/members")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(3, seen.Count);
        Assert.All(seen, row => Assert.Equal(row.GetProperty("userId").GetGuid() == member.Id, row.GetProperty("email").GetString() is not null));
        Assert.Equal(HttpStatusCode.Forbidden, await member.Api.StatusAsync(HttpMethod.Patch, path, new { name = "Mine" }));
        Assert.Equal(HttpStatusCode.Forbidden, await member.Api.StatusAsync(HttpMethod.Delete, $"{path}/members/{billing.Id}"));
        Assert.Equal(HttpStatusCode.Forbidden, await billing.Api.StatusAsync(HttpMethod.Get, $"{path}/members"));
        Assert.Equal(HttpStatusCode.OK, await billing.Api.StatusAsync(HttpMethod.Get, path));
    }

    [Fact]
    public async Task An_admin_touches_no_owner_and_makes_none()
    {
        var (owner, admin) = (await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("admin"));
        var organization = await owner.CreateOrganizationAsync();
        await identity.JoinAsync(owner, organization, admin, OrganizationRoles.Admin);
        var path = $"/api/organizations/{organization}";

        Assert.Equal(HttpStatusCode.Conflict, await admin.Api.StatusAsync(HttpMethod.Patch, $"{path}/members/{owner.Id}", new { role = "member" }));
        Assert.Equal(HttpStatusCode.Conflict, await admin.Api.StatusAsync(HttpMethod.Delete, $"{path}/members/{owner.Id}"));
        Assert.Equal(HttpStatusCode.BadRequest, await admin.Api.StatusAsync(HttpMethod.Patch, $"{path}/members/{admin.Id}", new { role = "owner" }));
        Assert.Equal(HttpStatusCode.BadRequest, await admin.Api.StatusAsync(
            HttpMethod.Post, $"{path}/invitations", new { email = "new-owner@example.com", role = "owner" }));
        Assert.Equal(HttpStatusCode.Forbidden, await admin.Api.StatusAsync(HttpMethod.Post, $"{path}/transfer", new { userId = admin.Id }));
    }

    [Fact]
    public async Task Of_two_transfers_at_once_one_happens_and_there_is_one_owner()
    {
        var (owner, one, two) = (
            await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("one"), await identity.CreatePersonAsync("two"));
        var organization = await owner.CreateOrganizationAsync();
        await identity.JoinAsync(owner, organization, one, OrganizationRoles.Member);
        await identity.JoinAsync(owner, organization, two, OrganizationRoles.Member);

        var statuses = await Task.WhenAll(new[] { one, two }.Select(
            next => owner.Api.StatusAsync(HttpMethod.Post, $"/api/organizations/{organization}/transfer", new { userId = next.Id })));

        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.Forbidden], statuses.Order());
        var roles = await identity.WithDatabaseAsync(db => db.Memberships.Where(row => row.OrganizationId == organization).Select(row => row.Role).ToListAsync());
        Assert.Single(roles, "owner");
        Assert.Equal("admin", await identity.RoleAsync(organization, owner.Id));
    }

    [Fact]
    public async Task Handing_over_and_closing_demand_a_sign_in_that_was_confirmed_a_moment_ago_in_person()
    {
        var (owner, member) = (await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("member"));
        var organization = await owner.CreateOrganizationAsync();
        await identity.JoinAsync(owner, organization, member, OrganizationRoles.Member);
        var path = $"/api/organizations/{organization}";
        await identity.WithDatabaseAsync(db => db.Sessions.Where(session => session.Id == owner.SessionId)
            .ExecuteUpdateAsync(update => update.SetProperty(session => session.AuthenticatedAt, identity.Time.GetUtcNow() - TimeSpan.FromMinutes(6))));

        using var stale = await owner.Api.TryAsync(HttpMethod.Delete, path);
        Assert.Equal(HttpStatusCode.Unauthorized, stale.StatusCode);
        Assert.Contains("insufficient_user_authentication", stale.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await owner.Api.StatusAsync(HttpMethod.Post, $"{path}/transfer", new { userId = member.Id }));
        Assert.Equal(HttpStatusCode.Unauthorized, await owner.Call(withSession: false).StatusAsync(HttpMethod.Delete, path));
        Assert.Equal(HttpStatusCode.Forbidden, await owner.Call(impersonated: true).StatusAsync(HttpMethod.Delete, path));
    }

    [Fact]
    public async Task An_owner_cannot_leave_and_a_removed_member_loses_keys_and_acting_sessions()
    {
        var (owner, admin) = (await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("admin"));
        var organization = await owner.CreateOrganizationAsync();
        await identity.JoinAsync(owner, organization, admin, OrganizationRoles.Admin);
        var path = $"/api/organizations/{organization}";
        var key = (await admin.Api.SendAsync(
            HttpMethod.Post, "/api/keys", new { name = "key", scopes = new[] { "usage:read" }, organizationId = organization })).GetProperty("key").GetProperty("id").GetGuid();
        await admin.Api.SendAsync(HttpMethod.Post, $"{path}/select");

        Assert.Equal(HttpStatusCode.Conflict, await owner.Api.StatusAsync(HttpMethod.Post, $"{path}/leave"));
        Assert.Equal(HttpStatusCode.NoContent, await owner.Api.StatusAsync(HttpMethod.Delete, $"{path}/members/{admin.Id}"));

        Assert.Equal(HttpStatusCode.NotFound, await admin.Api.StatusAsync(HttpMethod.Get, path));
        Assert.NotNull((await identity.WithDatabaseAsync(db => db.ApiKeys.SingleAsync(row => row.Id == key))).RevokedAt);
        Assert.Null((await identity.WithDatabaseAsync(db => db.Sessions.SingleAsync(row => row.Id == admin.SessionId))).OrganizationId);
    }

    [Fact]
    public async Task Closing_ends_memberships_invitations_and_keys()
    {
        var (owner, member) = (await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("member"));
        var organization = await owner.CreateOrganizationAsync();
        await identity.JoinAsync(owner, organization, member, OrganizationRoles.Member);
        await owner.Api.SendAsync(HttpMethod.Post, "/api/keys", new { name = "key", scopes = new[] { "usage:read" }, organizationId = organization });
        await owner.Api.SendAsync(HttpMethod.Post, $"/api/organizations/{organization}/invitations", new { email = "late@example.com", role = "member" });
        var token = await identity.TokenAsync("late@example.com");

        Assert.Equal(HttpStatusCode.NoContent, await owner.Api.StatusAsync(HttpMethod.Delete, $"/api/organizations/{organization}"));

        Assert.Equal(HttpStatusCode.NotFound, await member.Api.StatusAsync(HttpMethod.Get, $"/api/organizations/{organization}"));
        Assert.NotEmpty(token);
        await identity.WithDatabaseAsync(async db =>
        {
            Assert.False(await db.Memberships.AnyAsync(row => row.OrganizationId == organization && row.Role != null));
            Assert.False(await db.ApiKeys.AnyAsync(row => row.OrganizationId == organization && row.RevokedAt == null));
            Assert.False(await db.Invitations.AnyAsync(row => row.OrganizationId == organization && row.RevokedAt == null && row.AcceptedAt == null));
            return 0;
        });
    }

    [Fact]
    public async Task A_session_acts_for_one_organization_at_a_time_and_a_token_without_one_for_none()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var organization = await owner.CreateOrganizationAsync();

        await owner.Api.SendAsync(HttpMethod.Post, $"/api/organizations/{organization}/select");
        var active = await owner.Api.ReadAsync($"/api/organizations/{organization}");
        await owner.Api.SendAsync(HttpMethod.Post, "/api/organizations/personal/select");
        var personal = await owner.Api.ReadAsync($"/api/organizations/{organization}");

        Assert.True(active.GetProperty("isActive").GetBoolean());
        Assert.False(personal.GetProperty("isActive").GetBoolean());
        Assert.Equal(HttpStatusCode.Conflict, await owner.Call(withSession: false).StatusAsync(HttpMethod.Post, $"/api/organizations/{organization}/select"));
    }

    [Fact]
    public async Task Whoever_holds_the_tokens_of_a_session_is_told_when_it_acts_for_somebody_else_or_in_another_role()
    {
        await using var changes = await BrokerTap<SessionChanged>.OpenAsync();
        var owner = await identity.CreatePersonAsync("owner");
        var member = await identity.CreatePersonAsync("member");
        var organization = await owner.CreateOrganizationAsync();
        await identity.JoinAsync(owner, organization, member, OrganizationRoles.Member);

        await member.Api.SendAsync(HttpMethod.Post, $"/api/organizations/{organization}/select");
        await member.Api.SendAsync(HttpMethod.Post, $"/api/organizations/{organization}/select");
        await HearsAsync(1);
        await owner.Api.SendAsync(HttpMethod.Patch, $"/api/organizations/{organization}/members/{member.Id}", new { role = "admin" });
        await HearsAsync(2);
        await member.Api.SendAsync(HttpMethod.Post, $"/api/organizations/{organization}/leave");
        await HearsAsync(3);

        Assert.All(Heard(), change => Assert.Equal(member.Id, change.UserId));

        Task HearsAsync(int count) => Eventually.EqualAsync(count, () => Task.FromResult(Heard().Count), "the change to be told");

        List<SessionChanged> Heard() => [.. changes.Events.Where(change => change.SessionId == member.SessionId)];
    }

    [Theory]
    [InlineData("leave")]
    [InlineData("remove")]
    [InlineData("role")]
    public async Task Whoever_changes_the_own_place_is_told_that_the_session_follows_if_it_acts_there(string change)
    {
        var owner = await identity.CreatePersonAsync("owner");
        var (acting, other) = (await identity.CreatePersonAsync("acting"), await identity.CreatePersonAsync("other"));
        var organization = await owner.CreateOrganizationAsync();
        await identity.JoinAsync(owner, organization, acting, OrganizationRoles.Admin);
        await identity.JoinAsync(owner, organization, other, OrganizationRoles.Admin);

        using var elsewhere = await ChangeAsync(other, other.Api);
        using var here = await ChangeAsync(acting, acting.Call(organization: organization));

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (elsewhere.StatusCode, here.StatusCode));
        Assert.False(elsewhere.Headers.Contains(InternalHeaders.SessionChanged));
        Assert.Equal(acting.SessionId.ToString(), Assert.Single(here.Headers.GetValues(InternalHeaders.SessionChanged)));

        Task<HttpResponseMessage> ChangeAsync(Person member, HttpClient client) => change switch
        {
            "leave" => client.PostAsync(new Uri($"/api/organizations/{organization}/leave", UriKind.Relative), null),
            "remove" => client.DeleteAsync(new Uri($"/api/organizations/{organization}/members/{member.Id}", UriKind.Relative)),
            _ => client.PatchAsJsonAsync($"/api/organizations/{organization}/members/{member.Id}", new { role = "member" }),
        };
    }

    [Fact]
    public async Task Without_the_scope_nothing_is_seen_or_changed()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var reader = owner.Call(["organizations:read"]);

        Assert.Equal(HttpStatusCode.Forbidden, await owner.Call(["users:read"]).StatusAsync(HttpMethod.Get, "/api/organizations"));
        Assert.Equal(HttpStatusCode.Forbidden, await reader.StatusAsync(HttpMethod.Post, "/api/organizations", new { name = "Acme" }));
        Assert.Equal(HttpStatusCode.OK, await reader.StatusAsync(HttpMethod.Get, "/api/organizations"));
    }
}
