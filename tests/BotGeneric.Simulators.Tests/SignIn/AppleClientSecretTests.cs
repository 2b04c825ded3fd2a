using System.Net;
using System.Security.Cryptography;

namespace BotGeneric.Simulators.Tests.SignIn;

public sealed class AppleClientSecretTests : IAsyncLifetime
{
    private static readonly TestProvider Apple = TestProvider.Apple;

    private readonly SignInSimulatorHost _host = new();

    public Task InitializeAsync() => _host.ApprovedByAsync(Apple, "anna");

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public Task A_secret_of_another_team_is_refused() => RefusedAsync(AppleSecret.Create(_host, issuer: "OTHERTEAM1"));

    [Fact]
    public Task A_secret_of_another_client_is_refused() => RefusedAsync(AppleSecret.Create(_host, subject: "com.example.other"));

    [Fact]
    public Task A_secret_for_another_audience_is_refused() => RefusedAsync(AppleSecret.Create(_host, audience: "https://appleid.apple.com"));

    [Fact]
    public Task A_secret_with_an_unknown_key_id_is_refused() => RefusedAsync(AppleSecret.Create(_host, keyId: "OTHERKEY01"));

    [Fact]
    public Task A_secret_that_lives_longer_than_six_months_is_refused() => RefusedAsync(AppleSecret.Create(_host, lifetime: TimeSpan.FromDays(190)));

    [Fact]
    public Task A_secret_that_has_expired_is_refused() => RefusedAsync(AppleSecret.Create(_host, age: TimeSpan.FromMinutes(6)));

    [Fact]
    public Task A_secret_of_the_future_is_refused() => RefusedAsync(AppleSecret.Create(_host, age: TimeSpan.FromMinutes(-6)));

    [Fact]
    public Task A_secret_that_is_no_token_is_refused() => RefusedAsync("simulated-apple-client-secret");

    [Fact]
    public async Task A_secret_that_another_key_signed_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await RefusedAsync(AppleSecret.Create(_host, key: key));
    }

    [Fact]
    public async Task A_secret_in_the_header_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Apple.TokenPath)
        {
            Content = new FormUrlEncodedContent(Apple.Exchange(_host, await _host.CodeAsync(Apple), [("client_secret", null)])),
        };
        request.Headers.Authorization = TestProvider.Basic(Apple.ClientId, AppleSecret.Create(_host));

        Assert.Equal("invalid_client", (string)(await _host.SendAsync(request)).Json["error"]!);
    }

    [Fact]
    public async Task A_secret_of_almost_six_months_is_good()
    {
        var (status, _) = await _host.ExchangeAsync(
            Apple, await _host.CodeAsync(Apple), ("client_secret", AppleSecret.Create(_host, lifetime: TimeSpan.FromDays(182))));

        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_configured_key_is_read_as_PEM_and_as_the_base64_inside(bool isPem)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var host = new SignInSimulatorHost().Set(
            "SignIn:Apple:PublicKey", isPem ? key.ExportSubjectPublicKeyInfoPem() : Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()));
        await host.ApprovedByAsync(Apple, "anna");

        var code = await host.CodeAsync(Apple);
        var (status, _) = await host.PostAsync(
            Apple.TokenPath,
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Apple.RedirectUri), ("code_verifier", TestProvider.Verifier),
            ("client_id", Apple.ClientId), ("client_secret", AppleSecret.Create(host, key: key)));
        using var handedOut = await host.Http.GetAsync("/sign-in/control/apple/client-key");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(HttpStatusCode.NotFound, handedOut.StatusCode);
    }

    private async Task RefusedAsync(string secret)
    {
        var (status, error) = await _host.ExchangeAsync(Apple, await _host.CodeAsync(Apple), ("client_secret", secret));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid_client", (string)error["error"]!);
    }
}
