using System.Net;
using BotGeneric.Identity.Tests.Support.People;
using BotGeneric.Identity.TokenServer.Clients;
using BotGeneric.Testing.Services;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.ApiKeys;

/// <summary>With which credentials the API makes keys.</summary>
public sealed class KeyCredentialTests(PeopleApplication identity) : IClassFixture<PeopleApplication>
{
    private const string Path = "/api/keys";

    [Fact]
    public async Task Keys_are_made_changed_and_rotated_with_a_fresh_credential_and_revoked_without()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var (maker, other) = (await CreateAsync(owner.Api, "users:write", "users:read", "usage:read"), await CreateAsync(owner.Api, "usage:read"));
        object body = new { name = "k", scopes = new[] { "usage:read" } };
        identity.Time.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));

        using var stale = await owner.Api.TryAsync(HttpMethod.Post, Path, body);
        Assert.Equal(HttpStatusCode.Unauthorized, stale.StatusCode);
        Assert.Contains("insufficient_user_authentication", stale.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await owner.Api.StatusAsync(HttpMethod.Patch, $"{Path}/{other.Id}", new { name = "wide" }));
        Assert.Equal(HttpStatusCode.Unauthorized, await owner.Api.StatusAsync(HttpMethod.Post, $"{Path}/{other.Id}/rotate", new { }));
        Assert.Equal(HttpStatusCode.Unauthorized, await owner.Api.StatusAsync(HttpMethod.Get, "/api/users/me/export"));

        // A program that holds a key has nobody to ask.
        var program = owner.Call(["users:write", "users:read", "usage:read"], keyId: maker.KeyId);
        Assert.Equal(HttpStatusCode.Created, await program.StatusAsync(HttpMethod.Post, Path, body));
        Assert.Equal(HttpStatusCode.OK, await program.StatusAsync(HttpMethod.Get, "/api/users/me/export"));
        Assert.Equal(HttpStatusCode.NoContent, await owner.Api.StatusAsync(HttpMethod.Delete, $"{Path}/{other.Id}"));
    }

    [Fact]
    public async Task A_key_that_wants_what_only_a_person_can_do_is_told_so_and_a_person_is_asked_to_confirm()
    {
        var owner = await identity.CreatePersonAsync("owner");
        var maker = await CreateAsync(owner.Api, "organizations:write");
        var organization = await owner.CreateOrganizationAsync();
        identity.Time.Advance(TimeSpan.FromMinutes(6));

        using var key = await owner.Call(["organizations:write"], keyId: maker.KeyId).TryAsync(HttpMethod.Delete, $"/api/organizations/{organization}");
        using var person = await owner.Api.TryAsync(HttpMethod.Delete, $"/api/organizations/{organization}");

        Assert.All([key, person], refused => Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode));
        Assert.Contains("it needs a person", await key.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("Show your credential again", await person.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_of_others_makes_no_keys()
    {
        var owner = await identity.CreatePersonAsync("owner");
        await using (var scope = identity.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<ClientCatalogue>().CreateAsync(
                new ClientDefinition
                {
                    ClientId = "calendar",
                    DisplayName = "Calendar",
                    Grants = ["authorization_code"],
                    Scopes = ["users:write", "users:read", "usage:read"],
                    RedirectUris = ["https://calendar.example/cb"],
                },
                null, CancellationToken.None);
        }

        var key = await CreateAsync(owner.Api, "usage:read");
        using var application = identity.CreateTokenClient(new TestToken
        {
            Subject = owner.Id.ToString(),
            ClientId = "calendar",
            Scopes = ["users:write", "users:read", "usage:read"],
            SessionId = owner.SessionId.ToString(),
            SignedInAgo = TimeSpan.Zero,
        });

        Assert.Equal(HttpStatusCode.Forbidden, await application.StatusAsync(HttpMethod.Post, Path, new { name = "k", scopes = new[] { "usage:read" } }));
        Assert.Equal(HttpStatusCode.Forbidden, await application.StatusAsync(HttpMethod.Post, $"{Path}/{key.Id}/rotate", new { }));
        Assert.Equal(HttpStatusCode.OK, await application.StatusAsync(HttpMethod.Get, Path));
        Assert.Equal(HttpStatusCode.NoContent, await application.StatusAsync(HttpMethod.Delete, $"{Path}/{key.Id}"));
    }

    private static async Task<(Guid Id, string KeyId)> CreateAsync(HttpClient client, params string[] scopes)
    {
        var key = (await client.SendAsync(HttpMethod.Post, Path, new { name = "key", scopes })).GetProperty("key");
        return (key.GetProperty("id").GetGuid(), key.GetProperty("keyId").GetString()!);
    }
}
