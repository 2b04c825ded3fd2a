using System.Net;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Tests.Support;
using BotGeneric.ServiceDefaults.Authentication;

namespace BotGeneric.Gateway.Tests;

/// <summary>What is for those who run the system demands the role and the scope, whatever the credential.</summary>
public sealed class AdminAccessTests : IAsyncLifetime
{
    private const string Path = "/api/admin/plans";

    private EdgeWorld _world = null!;

    public async Task InitializeAsync() => _world = await EdgeWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    public static TheoryData<string?, string, HttpStatusCode> Rights => new()
    {
        { ApiPolicies.AdminRole, "billing:read admin", HttpStatusCode.OK },
        { ApiPolicies.AdminRole, ApiScopes.Admin, HttpStatusCode.OK },
        { ApiPolicies.AdminRole, ApiScopes.BillingRead, HttpStatusCode.Forbidden },
        { ApiPolicies.AdminRole, "administrator", HttpStatusCode.Forbidden },
        { null, ApiScopes.Admin, HttpStatusCode.Forbidden },
        { "support", ApiScopes.Admin, HttpStatusCode.Forbidden },
    };

    [Theory]
    [MemberData(nameof(Rights))]
    public async Task A_token_needs_both(string? role, string scope, HttpStatusCode expected)
    {
        List<Claim> claims = [new("sub", Guid.CreateVersion7().ToString()), new("scope", scope)];
        if (role is not null)
        {
            claims.Add(new Claim(ApiClaims.Role, role));
        }

        Assert.Equal(expected, await CallAsync("Authorization", "Bearer " + _world.Identity.AccessToken([.. claims])));
    }

    [Theory]
    [MemberData(nameof(Rights))]
    public async Task A_key_needs_both(string? role, string scope, HttpStatusCode expected)
    {
        var key = ApiKeyFormat.Generate();
        (_world.Identity.Role, _world.Identity.Scope) = (role, scope);
        _world.Identity.Keys[key] = new FakeKey(Guid.CreateVersion7());

        Assert.Equal(expected, await CallAsync("X-Api-Key", key));
    }

    [Theory]
    [MemberData(nameof(Rights))]
    public async Task A_session_needs_both(string? role, string scope, HttpStatusCode expected)
    {
        (_world.Identity.Role, _world.Identity.Scope) = (role, scope);
        using var browser = _world.Browser();
        (await browser.SignInAsync()).Dispose();

        using var response = await browser.GetAsync(Path);

        Assert.Equal(expected, response.StatusCode);
    }

    private async Task<HttpStatusCode> CallAsync(string header, string value)
    {
        using var client = _world.Gateway.CreateVisitor();
        client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
        using var response = await client.GetAsync(Path);
        return response.StatusCode;
    }
}
