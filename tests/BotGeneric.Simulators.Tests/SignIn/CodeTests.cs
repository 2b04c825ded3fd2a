using System.Net;

namespace BotGeneric.Simulators.Tests.SignIn;

/// <summary>What holds for every provider's codes.</summary>
public sealed class CodeTests : IAsyncDisposable
{
    private readonly SignInSimulatorHost _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("google")]
    [InlineData("apple")]
    [InlineData("telegram")]
    public async Task A_code_can_be_exchanged_once_and_its_second_use_revokes_what_it_gave(string name)
    {
        var provider = await ReadyAsync(name);
        var code = await _host.CodeAsync(provider);
        var (first, tokens) = await _host.ExchangeAsync(provider, code);

        var (second, error) = await _host.ExchangeAsync(provider, code);

        Assert.Equal(HttpStatusCode.OK, first);
        Assert.Equal(HttpStatusCode.BadRequest, second);
        Assert.Equal("invalid_grant", (string)error["error"]!);
        if (name == "google")
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/sign-in/google/v1/userinfo");
            request.Headers.Authorization = new("Bearer", (string)tokens["access_token"]!);
            Assert.Equal(HttpStatusCode.Unauthorized, (await _host.SendAsync(request)).Status);
        }
    }

    [Theory]
    [InlineData("google")]
    [InlineData("apple")]
    [InlineData("telegram")]
    public async Task A_code_expires(string name)
    {
        var provider = await ReadyAsync(name);
        var code = await _host.CodeAsync(provider);
        _host.Clock.Advance(TimeSpan.FromMinutes(5));

        var (status, error) = await _host.ExchangeAsync(provider, code);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid_grant", (string)error["error"]!);
    }

    [Theory]
    [InlineData("google", "redirect_uri_mismatch")]
    [InlineData("apple", "invalid_grant")]
    [InlineData("telegram", "invalid_grant")]
    public async Task A_code_is_bound_to_the_redirect_uri(string name, string expected)
    {
        var provider = await ReadyAsync(name);
        var code = await _host.CodeAsync(provider);

        var (status, error) = await _host.ExchangeAsync(provider, code, ("redirect_uri", provider.RedirectUri + "/"));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(expected, (string)error["error"]!);
    }

    [Theory]
    [InlineData("google", "another-verifier-that-is-long-enough-for-the-shape")]
    [InlineData("google", null)]
    [InlineData("apple", "another-verifier-that-is-long-enough-for-the-shape")]
    [InlineData("apple", null)]
    [InlineData("telegram", "another-verifier-that-is-long-enough-for-the-shape")]
    [InlineData("telegram", null)]
    public async Task A_code_is_bound_to_the_verifier(string name, string? verifier)
    {
        var provider = await ReadyAsync(name);
        var code = await _host.CodeAsync(provider);

        var (status, error) = await _host.ExchangeAsync(provider, code, ("code_verifier", verifier));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid_grant", (string)error["error"]!);
    }

    [Fact]
    public async Task A_verifier_without_a_challenge_is_refused()
    {
        var provider = await ReadyAsync("google");
        var code = await _host.CodeAsync(provider, ("code_challenge", null), ("code_challenge_method", null));

        var (status, error) = await _host.ExchangeAsync(provider, code);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid_grant", (string)error["error"]!);
    }

    [Fact]
    public async Task A_code_is_of_no_use_to_another_client_and_is_not_spoiled_by_it()
    {
        _host.Set("SignIn:Google:MoreClients:0:ClientId", "other").Set("SignIn:Google:MoreClients:0:ClientSecret", "other-secret");
        var provider = await ReadyAsync("google");
        var code = await _host.CodeAsync(provider);

        var (other, error) = await _host.ExchangeAsync(provider, code, ("client_id", "other"), ("client_secret", "other-secret"));
        var (own, _) = await _host.ExchangeAsync(provider, code);

        Assert.Equal(HttpStatusCode.BadRequest, other);
        Assert.Equal("invalid_grant", (string)error["error"]!);
        Assert.Equal(HttpStatusCode.OK, own);
    }

    [Theory]
    [InlineData("google", "http://localhost:8080/account/external/google/callback/")]
    [InlineData("google", "http://localhost:8080/account/external/google/callback?x=1")]
    [InlineData("google", "https://localhost:8080/account/external/google/callback")]
    [InlineData("apple", "http://localhost:8080/account/external/google/callback")]
    [InlineData("telegram", "http://LOCALHOST:8080/account/external/telegram/callback")]
    [InlineData("telegram", null)]
    public async Task A_redirect_uri_that_is_not_registered_exactly_gets_no_answer(string name, string? redirectUri)
    {
        var provider = await ReadyAsync(name);

        using var response = await _host.AuthorizeAsync(provider, ("redirect_uri", redirectUri));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Null(response.Headers.Location);
        Assert.Contains("redirect_uri_mismatch", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("google")]
    [InlineData("apple")]
    [InlineData("telegram")]
    public async Task An_unknown_client_gets_no_answer(string name)
    {
        using var response = await _host.AuthorizeAsync(await ReadyAsync(name), ("client_id", "unknown"));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Null(response.Headers.Location);
    }

    [Theory]
    [InlineData("google")]
    [InlineData("apple")]
    [InlineData("telegram")]
    public async Task A_parameter_that_comes_twice_is_refused(string name)
    {
        var provider = await ReadyAsync(name);
        var query = string.Join('&', provider.Authorization([]).Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}"));

        using var response = await _host.Http.GetAsync($"{provider.AuthorizePath}?{query}&state=other");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Null(response.Headers.Location);
    }

    [Theory]
    [InlineData("google")]
    [InlineData("apple")]
    [InlineData("telegram")]
    public async Task The_discovery_document_names_the_endpoints_below_the_configured_origin_whatever_the_host_header_says(string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/sign-in/{name}/.well-known/openid-configuration");
        request.Headers.Host = "evil.example";

        var (_, discovery) = await _host.SendAsync(request);

        var provider = TestProvider.Of(name);
        Assert.Equal($"{SignInSimulatorHost.Origin}/sign-in/{name}", (string)discovery["issuer"]!);
        Assert.Equal(SignInSimulatorHost.Origin + provider.AuthorizePath, (string)discovery["authorization_endpoint"]!);
        Assert.Equal(SignInSimulatorHost.Origin + provider.TokenPath, (string)discovery["token_endpoint"]!);
    }

    [Theory]
    [InlineData("google")]
    [InlineData("apple")]
    [InlineData("telegram")]
    public async Task Tokens_are_not_cached(string name)
    {
        var provider = await ReadyAsync(name);
        using var request = new HttpRequestMessage(HttpMethod.Post, provider.TokenPath)
        {
            Content = new FormUrlEncodedContent(provider.Exchange(_host, await _host.CodeAsync(provider), [])),
        };
        request.Headers.Authorization = provider.Authentication;

        using var response = await _host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl?.NoStore);
    }

    [Theory]
    [InlineData("google")]
    [InlineData("apple")]
    [InlineData("telegram")]
    public async Task A_grant_that_the_provider_does_not_know_is_refused(string name)
    {
        var (status, error) = await _host.ExchangeAsync(await ReadyAsync(name), "code", ("grant_type", "password"));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("unsupported_grant_type", (string)error["error"]!);
    }

    private async Task<TestProvider> ReadyAsync(string name)
    {
        var provider = TestProvider.Of(name);
        await _host.ApprovedByAsync(provider, "anna");
        return provider;
    }
}
