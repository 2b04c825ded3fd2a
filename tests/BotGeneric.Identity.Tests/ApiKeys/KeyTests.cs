using System.Net;
using BotGeneric.Contracts.Identity;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.ApiKeys;
using BotGeneric.Identity.Tests.Support.People;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.ApiKeys;

public sealed class KeyTests(PeopleApplication identity) : IClassFixture<PeopleApplication>
{
    private const string Path = "/api/keys";

    [Fact]
    public async Task A_key_is_shown_once_stored_as_a_hash_found_by_lookup_and_its_owner_is_told()
    {
        var owner = await identity.CreatePersonAsync("owner");

        var made = await CreateAsync(owner.Api, "usage:read", "usage:write");
        var secret = made.Secret;
        var listed = await owner.Api.ReadAsync(Path);

        Assert.True(ApiKeyFormat.TryParse(secret, out _));
        Assert.DoesNotContain(secret, listed.GetRawText(), StringComparison.Ordinal);
        var found = await FindAsync(secret);
        Assert.Equal((owner.Id, false), (found!.User.Id, found.IsAdmin));
        Assert.Equal(["usage:read", "usage:write"], found.Key.Scopes);
        await identity.Mail.WaitForAsync(owner.Email, NotificationTemplates.ApiKeyCreated);
    }

    [Fact]
    public async Task A_repeated_request_makes_no_second_key_and_the_secret_is_kept_nowhere()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var body = new { name = "key", scopes = new[] { "usage:read" } };

        using var first = await owner.Api.TryAsync(HttpMethod.Post, Path, body, "once");
        using var second = await owner.Api.TryAsync(HttpMethod.Post, Path, body, "once");

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(1, (await owner.Api.ReadAsync(Path)).GetProperty("items").GetArrayLength());
        Assert.False(await identity.WithDatabaseAsync(db => db.Set<ServiceDefaults.Idempotency.IdempotencyKey>().AnyAsync(row => row.Body != null)));
    }

    [Fact]
    public async Task A_key_is_never_wider_than_the_credential_that_creates_it()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var admin = await identity.CreatePersonAsync("admin", isAdmin: true);

        Assert.Equal(HttpStatusCode.Forbidden, await TryAsync(owner.Call(["usage:read"]), "usage:read"));
        Assert.Equal(HttpStatusCode.Forbidden, await TryAsync(owner.Call(["users:write"]), "usage:read"));
        Assert.Equal(HttpStatusCode.Forbidden, await TryAsync(owner.Call(["users:write", "admin"]), "admin"));
        Assert.Equal(HttpStatusCode.Forbidden, await TryAsync(admin.Call(["users:write"]), "admin"));
        Assert.Equal(HttpStatusCode.Forbidden, await TryAsync(owner.Call(impersonated: true), "usage:read"));
        Assert.Equal(HttpStatusCode.Created, await TryAsync(owner.Call(["users:write", "usage:read"]), "usage:read"));
        Assert.Equal(HttpStatusCode.Created, await TryAsync(admin.Api, "admin"));
        Assert.Equal(HttpStatusCode.BadRequest, await TryAsync(owner.Api, "everything"));
        Assert.Equal(HttpStatusCode.BadRequest, await TryAsync(owner.Api));
    }

    [Fact]
    public async Task A_key_that_makes_keys_passes_its_own_restrictions_on()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var end = identity.Time.GetUtcNow().AddDays(10);
        var made = await owner.Api.SendAsync(HttpMethod.Post, Path, new
        {
            name = "maker",
            scopes = new[] { "users:write", "usage:read" },
            expiresAt = end,
            allowedNetworks = new[] { "10.0.0.0/8" },
            requestsPerMinute = 100,
        });
        var client = owner.Call(["users:write", "usage:read"], keyId: made.GetProperty("key").GetProperty("keyId").GetString());
        string[] scopes = ["usage:read"];
        string[] inside = ["10.1.0.0/16"];

        Assert.Equal(HttpStatusCode.Forbidden, await client.StatusAsync(HttpMethod.Post, Path, new { name = "k", scopes }));
        Assert.Equal(HttpStatusCode.Forbidden, await client.StatusAsync(
            HttpMethod.Post, Path, new { name = "k", scopes, expiresAt = end.AddDays(1), allowedNetworks = inside, requestsPerMinute = 1 }));
        Assert.Equal(HttpStatusCode.Forbidden, await client.StatusAsync(
            HttpMethod.Post, Path, new { name = "k", scopes, expiresAt = end, allowedNetworks = new[] { "11.0.0.0/8" }, requestsPerMinute = 1 }));
        Assert.Equal(HttpStatusCode.Forbidden, await client.StatusAsync(
            HttpMethod.Patch, $"{Path}/{made.GetProperty("key").GetProperty("id").GetGuid()}", new { allowedNetworks = Array.Empty<string>() }));
        Assert.Equal(HttpStatusCode.Created, await client.StatusAsync(
            HttpMethod.Post, Path, new { name = "k", scopes, expiresAt = end, allowedNetworks = inside, requestsPerMinute = 100 }));
    }

    [Fact]
    public async Task A_narrow_credential_gets_no_wider_key_by_rotating_one()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var wide = await CreateAsync(owner.Api, "users:write", "billing:write");

        Assert.Equal(HttpStatusCode.Forbidden, await owner.Call(["users:write"]).StatusAsync(HttpMethod.Post, $"{Path}/{wide.Id}/rotate", new { }));
    }

    [Fact]
    public async Task A_rotated_key_works_beside_its_successor_until_the_overlap_is_over()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var old = await CreateAsync(owner.Api, "usage:read");

        var successor = (await owner.Api.SendAsync(HttpMethod.Post, $"{Path}/{old.Id}/rotate", new { overlapHours = 2 })).GetProperty("secret").GetString()!;
        Assert.Equal(HttpStatusCode.Conflict, await owner.Api.StatusAsync(HttpMethod.Post, $"{Path}/{old.Id}/rotate", new { }));
        identity.Time.Advance(TimeSpan.FromHours(2) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await FindAsync(old.Secret));
        Assert.NotNull(await FindAsync(successor));
        identity.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await FindAsync(old.Secret));
        Assert.NotNull(await FindAsync(successor));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(169)]
    public async Task An_overlap_is_no_longer_than_a_week(int hours)
    {
        var owner = await identity.CreatePersonAsync("owner");
        var key = await CreateAsync(owner.Api, "usage:read");

        Assert.Equal(HttpStatusCode.BadRequest, await owner.Api.StatusAsync(HttpMethod.Post, $"{Path}/{key.Id}/rotate", new { overlapHours = hours }));
    }

    [Fact]
    public async Task Revoking_and_restricting_tell_whoever_remembers_the_key()
    {
        await using var revoked = await BrokerTap<ApiKeyRevoked>.OpenAsync();
        var owner = await identity.CreatePersonAsync("owner");
        var key = await CreateAsync(owner.Api, "usage:read");

        var changed = await owner.Api.SendAsync(
            HttpMethod.Patch, $"{Path}/{key.Id}", new { allowedNetworks = new[] { "192.0.2.1" }, requestsPerMinute = 5 });
        var cleared = await owner.Api.SendAsync(HttpMethod.Patch, $"{Path}/{key.Id}", new { requestsPerMinute = (int?)null });
        await Eventually.EqualAsync(2, () => Task.FromResult(revoked.Events.Count(said => said.KeyId == key.KeyId)), "events");
        Assert.Equal(HttpStatusCode.NoContent, await owner.Api.StatusAsync(HttpMethod.Delete, $"{Path}/{key.Id}"));
        Assert.Equal(HttpStatusCode.NoContent, await owner.Api.StatusAsync(HttpMethod.Delete, $"{Path}/{key.Id}"));

        Assert.Equal(("192.0.2.1/32", 5), (changed.GetProperty("allowedNetworks")[0].GetString(), changed.GetProperty("requestsPerMinute").GetInt32()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, cleared.GetProperty("requestsPerMinute").ValueKind);
        Assert.Equal(1, cleared.GetProperty("allowedNetworks").GetArrayLength());
        Assert.Null(await FindAsync(key.Secret));
        await Eventually.EqualAsync(3, () => Task.FromResult(revoked.Events.Count(said => said.KeyId == key.KeyId)), "events");
        Assert.Equal(HttpStatusCode.Conflict, await owner.Api.StatusAsync(HttpMethod.Patch, $"{Path}/{key.Id}", new { name = "late" }));
    }

    [Fact]
    public async Task Keys_of_an_organization_are_managed_by_owner_and_admins_and_rotated_by_their_maker_only()
    {
        var (owner, admin, member) = (
            await identity.CreatePersonAsync("owner"), await identity.CreatePersonAsync("admin"), await identity.CreatePersonAsync("member"));
        var organization = await owner.CreateOrganizationAsync();
        await identity.JoinAsync(owner, organization, admin, OrganizationRoles.Admin);
        await identity.JoinAsync(owner, organization, member, OrganizationRoles.Member);
        var made = await owner.Api.SendAsync(HttpMethod.Post, Path, new { name = "k", scopes = new[] { "usage:read" }, organizationId = organization });
        var id = made.GetProperty("key").GetProperty("id").GetGuid();

        Assert.Equal("owner", (await FindAsync(made.GetProperty("secret").GetString()!))!.OrganizationRole);
        Assert.Equal(HttpStatusCode.Forbidden, await member.Api.StatusAsync(HttpMethod.Get, $"{Path}?organizationId={organization}"));
        Assert.Equal(HttpStatusCode.NotFound, await member.Api.StatusAsync(HttpMethod.Get, $"{Path}/{id}"));
        Assert.Equal(1, (await admin.Api.ReadAsync($"{Path}?organizationId={organization}")).GetProperty("items").GetArrayLength());
        Assert.Equal(HttpStatusCode.Forbidden, await admin.Api.StatusAsync(HttpMethod.Post, $"{Path}/{id}/rotate", new { }));
        Assert.Equal(HttpStatusCode.BadRequest, await owner.Api.StatusAsync(
            HttpMethod.Post, Path, new { name = "k", scopes = new[] { "users:write" }, organizationId = organization }));
        Assert.Equal(HttpStatusCode.NoContent, await admin.Api.StatusAsync(HttpMethod.Delete, $"{Path}/{id}"));
    }

    [Fact]
    public async Task What_is_no_key_is_not_looked_up_and_a_wrong_secret_of_a_known_id_is_refused()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var key = await CreateAsync(owner.Api, "usage:read");

        Assert.Null(await FindAsync("bg_live_nothing"));
        Assert.Null(await FindAsync(key.Secret[..^1] + (key.Secret[^1] == 'a' ? 'b' : 'a')));
        Assert.Null(await FindAsync(ApiKeyFormat.Generate()));
        await identity.WithDatabaseAsync(db => db.ApiKeys.Where(row => row.Id == key.Id)
            .ExecuteUpdateAsync(update => update.SetProperty(row => row.SecretHash, new byte[32])));
        Assert.Null(await FindAsync(key.Secret));
    }

    [Fact]
    public async Task The_last_use_is_written_at_most_once_a_minute()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var key = await CreateAsync(owner.Api, "usage:read");

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => FindAsync(key.Secret)));
        var first = await LastUsedAsync(key.Id);
        identity.Time.Advance(TimeSpan.FromSeconds(59));
        await FindAsync(key.Secret);
        var second = await LastUsedAsync(key.Id);
        identity.Time.Advance(TimeSpan.FromSeconds(1));
        await FindAsync(key.Secret);

        Assert.NotNull(first);
        Assert.Equal(first, second);
        Assert.Equal(first + TimeSpan.FromMinutes(1), await LastUsedAsync(key.Id));
    }

    [Fact]
    public async Task An_admins_key_counts_as_one_only_with_a_second_factor_on_the_account()
    {
        var admin = await identity.CreatePersonAsync("admin", isAdmin: true);
        var key = await CreateAsync(admin.Api, "admin");

        Assert.False((await FindAsync(key.Secret))!.IsAdmin);
        await identity.WithDatabaseAsync(db => db.Users.Where(user => user.Id == admin.Id)
            .ExecuteUpdateAsync(update => update.SetProperty(user => user.TwoFactorEnabled, true)));
        Assert.True((await FindAsync(key.Secret))!.IsAdmin);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(400)]
    public async Task A_key_ends_in_the_future_and_within_a_year(int days)
    {
        var owner = await identity.CreatePersonAsync("owner");

        Assert.Equal(HttpStatusCode.BadRequest, await owner.Api.StatusAsync(
            HttpMethod.Post, Path, new { name = "k", scopes = new[] { "usage:read" }, expiresAt = identity.Time.GetUtcNow().AddDays(days) }));
    }

    [Fact]
    public async Task On_the_pages_a_key_is_made_shown_once_rotated_and_revoked()
    {
        var owner = await identity.CreatePersonAsync("owner");
        using var browser = await owner.BrowseAsync();

        using var made = await browser.SubmitAsync("/account/keys/new", null, ("name", "Page key"), ("scopes", "usage:read"), ("days", "30"), ("allowedNetworks", "192.0.2.0/24\r\n2001:db8::/32"));
        var html = await made.Content.ReadAsStringAsync();
        var secret = System.Text.RegularExpressions.Regex.Match(html, "bg_live_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}").Value;
        var key = (await FindAsync(secret))!.Key;
        using var rotated = await browser.SubmitAsync($"/account/keys/{key.Id}/rotate", null, ("overlapHours", "0"));
        using var revoked = await browser.SubmitAsync("/account/keys", $"/account/keys/{await SuccessorAsync(key.Id)}/revoke");

        Assert.Contains("no-store", made.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal(["192.0.2.0/24", "2001:db8::/32"], key.AllowedNetworks);
        Assert.DoesNotContain(secret, await browser.ReadAsync("/account/keys"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, rotated.StatusCode);
        Assert.Equal("/account/keys?done=revoked", revoked.Headers.Location?.OriginalString);
        Assert.Null(await FindAsync(secret));
    }

    [Fact]
    public async Task Making_a_key_on_the_pages_demands_a_fresh_sign_in()
    {
        var owner = await identity.CreatePersonAsync("owner");
        using var browser = await owner.BrowseAsync();
        identity.Time.Advance(TimeSpan.FromMinutes(6));

        using var page = await browser.GetAsync("/account/keys/new");

        Assert.StartsWith("/account/confirm?returnUrl=", page.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    private static async Task<(Guid Id, string KeyId, string Secret)> CreateAsync(HttpClient client, params string[] scopes)
    {
        var made = await client.SendAsync(HttpMethod.Post, Path, new { name = "key", scopes });
        var key = made.GetProperty("key");
        return (key.GetProperty("id").GetGuid(), key.GetProperty("keyId").GetString()!, made.GetProperty("secret").GetString()!);
    }

    private static Task<HttpStatusCode> TryAsync(HttpClient client, params string[] scopes) =>
        client.StatusAsync(HttpMethod.Post, Path, new { name = "key", scopes });

    private async Task<ResolvedApiKey?> FindAsync(string secret)
    {
        await using var scope = identity.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<ApiKeyLookup>().FindAsync(secret, CancellationToken.None)).Resolved;
    }

    private Task<DateTimeOffset?> LastUsedAsync(Guid id) =>
        identity.WithDatabaseAsync(db => db.ApiKeys.Where(key => key.Id == id).Select(key => key.LastUsedAt).SingleAsync());

    private Task<Guid> SuccessorAsync(Guid id) =>
        identity.WithDatabaseAsync(db => db.ApiKeys.Where(key => key.RotatedFrom == id).Select(key => key.Id).SingleAsync());
}
