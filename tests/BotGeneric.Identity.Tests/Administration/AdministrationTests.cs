using System.Net;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.ApiKeys;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Tests.Support.People;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Administration;

public sealed class AdministrationTests(PeopleApplication identity) : IClassFixture<PeopleApplication>
{
    private const string Path = "/api/admin/users";

    [Fact]
    public async Task Locking_ends_sessions_and_keys_and_the_next_request_is_refused()
    {
        await using var sessions = await BrokerTap<SessionsRevoked>.OpenAsync();
        var (admin, person) = (await identity.CreatePersonAsync("admin", isAdmin: true), await identity.CreatePersonAsync("person"));
        var secret = (await person.Api.SendAsync(HttpMethod.Post, "/api/keys", new { name = "k", scopes = new[] { "usage:read" } })).GetProperty("secret").GetString()!;
        using var browser = await person.BrowseAsync();
        await browser.ReadAsync("/account/keys");

        Assert.Equal(HttpStatusCode.NoContent, await admin.Api.StatusAsync(HttpMethod.Post, $"{Path}/{person.Id}/lock", new { reason = "abuse" }));

        using var page = await browser.GetAsync("/account/keys");
        Assert.StartsWith("http://localhost/login", page.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Null(await FindAsync(secret));
        await Eventually.GetAsync(
            () => Task.FromResult(sessions.Events), events => events.Any(said => said.UserId == person.Id && said.SessionIds is null), "the end of everything");
        Assert.Equal(HttpStatusCode.NoContent, await admin.Api.StatusAsync(HttpMethod.Post, $"{Path}/{person.Id}/unlock"));
        Assert.Null(await FindAsync(secret));
        Assert.Equal("active", (await admin.Api.ReadAsync($"{Path}/{person.Id}")).GetProperty("user").GetProperty("state").GetString());
    }

    [Fact]
    public async Task People_are_found_by_address_name_id_telegram_state_and_role()
    {
        var admin = await identity.CreatePersonAsync("admin", isAdmin: true);
        var person = await identity.CreatePersonAsync("Zoe_100%");
        await identity.WithDatabaseAsync(async db =>
        {
            var link = ExternalIdentity.Link(person.Id, IdentityProviders.Telegram, "sub-1", "987654321", identity.Time.GetUtcNow());
            link.Used("sub-1", "987654321", null, false, "zoe_telegram", identity.Time.GetUtcNow());
            db.ExternalIdentities.Add(link);
            return await db.SaveChangesAsync();
        });

        foreach (var search in new[] { person.Email[..12].ToUpperInvariant(), "oe_100%", person.Id.ToString(), "987654321", "@zoe_tele" })
        {
            Assert.Equal([person.Id], await SearchAsync(admin, $"search={Uri.EscapeDataString(search)}"));
        }

        Assert.Empty(await SearchAsync(admin, "search=oeX100"));
        Assert.Contains(admin.Id, await SearchAsync(admin, "role=admin"));
        Assert.DoesNotContain(person.Id, await SearchAsync(admin, "role=admin"));
        Assert.DoesNotContain(person.Id, await SearchAsync(admin, "state=locked"));
        Assert.Equal(HttpStatusCode.BadRequest, await admin.Api.StatusAsync(HttpMethod.Get, $"{Path}?state=asleep"));
    }

    [Fact]
    public async Task A_persons_detail_holds_everything_but_secrets()
    {
        var (admin, person) = (await identity.CreatePersonAsync("admin", isAdmin: true), await identity.CreatePersonAsync("person"));
        var organization = await person.CreateOrganizationAsync("Detail");
        var secret = (await person.Api.SendAsync(HttpMethod.Post, "/api/keys", new { name = "k", scopes = new[] { "usage:read" } })).GetProperty("secret").GetString()!;

        var detail = await admin.Api.ReadAsync($"{Path}/{person.Id}");
        var activity = await admin.Api.ReadAsync($"{Path}/{person.Id}/activity?limit=1");
        var seen = await admin.Api.ReadAsync($"/api/admin/organizations/{organization}");
        var list = await admin.Api.ReadAsync("/api/admin/organizations?search=detai");

        Assert.Equal(1, detail.GetProperty("sessions").GetArrayLength());
        Assert.Equal(organization, detail.GetProperty("organizations")[0].GetProperty("id").GetGuid());
        Assert.Equal(1, detail.GetProperty("keys").GetArrayLength());
        Assert.DoesNotContain(secret, detail.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("key.created", activity.GetProperty("items")[0].GetProperty("action").GetString());
        Assert.NotNull(activity.GetProperty("nextCursor").GetString());
        Assert.Equal(person.Id, seen.GetProperty("members")[0].GetProperty("userId").GetGuid());
        Assert.Equal(organization, list.GetProperty("items")[0].GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task Nobody_else_gets_in()
    {
        var (admin, person) = (await identity.CreatePersonAsync("admin", isAdmin: true), await identity.CreatePersonAsync("person"));
        foreach (var path in new[] { Path, $"{Path}/{person.Id}", $"{Path}/{person.Id}/activity", "/api/admin/organizations", "/api/admin/audit", "/api/admin/audit/export", "/api/admin/audit/verify" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, await person.Api.StatusAsync(HttpMethod.Get, path));
            Assert.Equal(HttpStatusCode.OK, await admin.Api.StatusAsync(HttpMethod.Get, path));
        }

        Assert.Equal(HttpStatusCode.Forbidden, await person.Api.StatusAsync(HttpMethod.Put, $"{Path}/{person.Id}/roles", new { roles = new[] { "admin" } }));
        Assert.Equal(HttpStatusCode.Forbidden, await admin.Call(impersonated: true).StatusAsync(HttpMethod.Post, $"{Path}/{person.Id}/lock", new { reason = "x" }));
    }

    private static async Task<IReadOnlyList<Guid>> SearchAsync(Person admin, string query) =>
        [.. (await admin.Api.ReadAsync($"{Path}?{query}")).GetProperty("items").EnumerateArray().Select(row => row.GetProperty("id").GetGuid())];

    private async Task<ResolvedApiKey?> FindAsync(string secret)
    {
        await using var scope = identity.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<ApiKeyLookup>().FindAsync(secret, CancellationToken.None)).Resolved;
    }
}
