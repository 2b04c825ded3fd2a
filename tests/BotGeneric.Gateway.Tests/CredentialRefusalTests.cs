using System.Net;
using System.Net.Http.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Tests.Support;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Gateway.Tests;

/// <summary>What somebody is told whose credential is refused.</summary>
public sealed class CredentialRefusalTests : IAsyncLifetime
{
    private readonly string _key = ApiKeyFormat.Generate();
    private EdgeWorld _world = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _world = await EdgeWorld.StartAsync(gateway => gateway.Set("ForwardedHeaders:KnownNetworks:0", "127.0.0.0/8"));
        _client = _world.Gateway.CreateVisitor();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _world.DisposeAsync();
    }

    [Theory]
    [InlineData("en", "unknown", "invalid-key", "unknown or was revoked")]
    [InlineData("ru", "unknown", "invalid-key", "неизвестен или отозван")]
    [InlineData("uk", "unknown", "invalid-key", "невідомий або відкликаний")]
    [InlineData("en", "invented", "invalid-key", "unknown or was revoked")]
    [InlineData("en", "expired", "expired-key", "has expired")]
    [InlineData("ru", "expired", "expired-key", "истёк")]
    [InlineData("uk", "expired", "expired-key", "закінчився")]
    [InlineData("en", "text", "invalid-token", "neither an API key nor an access token")]
    [InlineData("en", "token", "invalid-token", "not valid")]
    [InlineData("en", "old token", "expired-token", "has expired")]
    public async Task A_refused_credential_is_told_what_is_wrong_with_it_and_what_to_do(string language, string which, string type, string words)
    {
        _world.Identity.Keys[_key] = new FakeKey(Guid.CreateVersion7(), HasExpired: true);
        var claims = new[] { new System.Security.Claims.Claim("sub", Guid.CreateVersion7().ToString()) };
        var credential = which switch
        {
            "expired" => _key,
            "unknown" => ApiKeyFormat.Generate(),
            "invented" => "bg_live_00000000_00000000000000000000000000000000000000",
            "token" => _world.Identity.Token("JWT", ["billing"], TimeSpan.FromMinutes(5), claims),
            "old token" => _world.Identity.Token(
                "at+jwt", ["billing"], TimeSpan.FromMinutes(5), claims, issuedAt: TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1)),
            _ => "something",
        };
        // Once more from memory.
        foreach (var _ in Enumerable.Range(0, 2))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/subscriptions");
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + credential);
            request.Headers.AcceptLanguage.ParseAdd(language);
            using var response = await _client.SendAsync(request);
            var problem = (await response.Content.ReadFromJsonAsync<ProblemDetails>())!;

            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal($"urn:botgeneric:problem:{type}", problem.Type);
            Assert.Contains(words, problem.Detail, StringComparison.Ordinal);
            Assert.NotNull(problem.Title);
            Assert.Contains("error=\"invalid_token\", error_description=", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(credential, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_key_that_may_not_be_used_from_here_is_told_so()
    {
        _world.Identity.Keys[_key] = new FakeKey(Guid.CreateVersion7(), ["203.0.113.0/24"]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/subscriptions");
        request.Headers.TryAddWithoutValidation("X-Api-Key", _key);
        request.Headers.AcceptLanguage.ParseAdd("uk");

        using var response = await _client.SendAsync(request);
        var problem = (await response.Content.ReadFromJsonAsync<ProblemDetails>())!;

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("urn:botgeneric:problem:key-not-allowed-here", problem.Type);
        Assert.Contains("з цієї адреси", problem.Detail, StringComparison.Ordinal);
    }
}
