using System.Net;
using System.Security.Claims;
using BotGeneric.Gateway.Tests.Support;

namespace BotGeneric.Gateway.Tests;

public sealed class BackChannelLogoutTests : IAsyncLifetime
{
    private EdgeWorld _world = null!;
    private Browser _browser = null!;

    public async Task InitializeAsync()
    {
        _world = await EdgeWorld.StartAsync();
        _browser = _world.Browser();
        (await _browser.SignInAsync()).Dispose();
    }

    public async Task DisposeAsync()
    {
        _browser.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task A_logout_token_ends_the_session_that_it_names()
    {
        Assert.Equal(HttpStatusCode.OK, await PostAsync(Token(claims: [new Claim("sid", _world.Identity.Sessions.Last().ToString())])));

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync());
    }

    [Fact]
    public async Task A_logout_token_without_a_session_ends_all_of_the_person()
    {
        Assert.Equal(HttpStatusCode.OK, await PostAsync(Token(claims: [new Claim("sub", _world.Identity.Subject.ToString())])));

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync());
    }

    public static TheoryData<string> Defects => ["type", "issuer", "audience", "old", "future", "events", "nonce", "jti", "nobody", "stranger", "not a token"];

    [Theory]
    [MemberData(nameof(Defects))]
    public async Task What_is_not_a_logout_token_ends_nothing(string defect)
    {
        Claim[] session = [new Claim("sid", _world.Identity.Sessions.Last().ToString())];
        await using var stranger = await FakeIdentity.StartAsync();
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var token = defect switch
        {
            "type" => Token(type: "JWT", claims: session),
            "issuer" => Token(issuer: "http://other.test/", claims: session),
            "audience" => Token(audience: "billing", claims: session),
            "old" => Token(issuedAt: now.AddMinutes(-6), lifetime: TimeSpan.FromHours(1), claims: session),
            "future" => Token(issuedAt: now.AddMinutes(5), claims: session),
            "events" => Token(hasEvent: false, claims: session),
            "nonce" => Token(claims: [.. session, new Claim("nonce", "n")]),
            "jti" => Token(hasId: false, claims: session),
            "nobody" => Token(claims: []),
            "stranger" => Token(by: stranger, claims: session),
            _ => "not.a.token",
        };

        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(token));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync());
    }

    private string Token(
        Claim[] claims, string type = "logout+jwt", string audience = "gateway", string? issuer = null, DateTime? issuedAt = null,
        TimeSpan? lifetime = null, bool hasEvent = true, bool hasId = true, FakeIdentity? by = null) => (by ?? _world.Identity).Token(
        type,
        [audience],
        lifetime ?? TimeSpan.FromMinutes(2),
        hasId ? [.. claims, new Claim("jti", Guid.NewGuid().ToString())] : claims,
        issuer,
        issuedAt,
        hasEvent
            ? new Dictionary<string, object>
            {
                ["events"] = new Dictionary<string, object> { ["http://schemas.openid.net/event/backchannel-logout"] = new Dictionary<string, object>() },
            }
            : null);

    private async Task<HttpStatusCode> PostAsync(string token)
    {
        using var client = _world.Gateway.CreateVisitor();
        using var content = new FormUrlEncodedContent([new("logout_token", token)]);
        using var response = await client.PostAsync("/session/back-channel-logout", content);
        Assert.True(response.Headers.CacheControl?.NoStore);
        return response.StatusCode;
    }

    private async Task<HttpStatusCode> StatusAsync()
    {
        using var response = await _browser.GetAsync("/api/subscriptions");
        return response.StatusCode;
    }
}
