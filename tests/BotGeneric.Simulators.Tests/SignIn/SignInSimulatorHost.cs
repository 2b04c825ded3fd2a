using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Simulators.Tests.SignIn;

/// <summary>The simulators in the test's process, and a client that behaves like the application's.</summary>
public sealed class SignInSimulatorHost : WebApplicationFactory<Program>
{
    /// <summary>Where they believe to be.</summary>
    public const string Origin = "http://simulators.test:5999";

    private readonly Dictionary<string, string> _settings = new() { ["SignIn:Origin"] = Origin, ["Paddle:WebhookSecret"] = "secret", ["Paddle:WebhookUrl"] = "http://localhost/" };
    private HttpClient? _client;

    /// <summary>The clock. It starts at the present, because the library that checks tokens has its own.</summary>
    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

    /// <summary>A client that shows redirects as they are.</summary>
    public HttpClient Http => _client ??= CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = false });

    /// <summary>Sets a configuration key.</summary>
    public SignInSimulatorHost Set(string key, string value)
    {
        _settings[key] = value;
        return this;
    }

    /// <summary>Has a person approve without the page.</summary>
    public async Task<SignInSimulatorHost> ApprovedByAsync(TestProvider provider, string person)
    {
        using var response = await Http.PutAsJsonAsync($"/sign-in/control/{provider.Name}/auto-approval", new { person });
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        return this;
    }

    /// <summary>Makes the next sign-in go wrong.</summary>
    public async Task ForceAsync(TestProvider provider, string outcome)
    {
        using var response = await Http.PutAsJsonAsync($"/sign-in/control/{provider.Name}/next-outcome", new { outcome });
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    /// <summary>Registers a person.</summary>
    public async Task<JsonElement> RegisterAsync(TestProvider provider, string key, object person)
    {
        using var response = await Http.PutAsJsonAsync($"/sign-in/control/{provider.Name}/people/{key}", person);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Sends an authorization request of the provider's usual shape, with what the test changes; null leaves a parameter out.</summary>
    public Task<HttpResponseMessage> AuthorizeAsync(TestProvider provider, params (string Name, string? Value)[] changes) =>
        Http.GetAsync(QueryHelpers.AddQueryString(provider.AuthorizePath, provider.Authorization(changes)));

    /// <summary>Gets a code without the page; somebody must approve.</summary>
    public async Task<string> CodeAsync(TestProvider provider, params (string Name, string? Value)[] changes) =>
        (await AnswerAsync(provider, changes))["code"];

    /// <summary>Gets the answer to an authorization request, by redirect or by form.</summary>
    public async Task<IReadOnlyDictionary<string, string>> AnswerAsync(TestProvider provider, params (string Name, string? Value)[] changes)
    {
        using var response = await AuthorizeAsync(provider, changes);
        return await Answers.ReadAsync(response);
    }

    /// <summary>Exchanges a code in the provider's usual way, with what the test changes.</summary>
    public async Task<(HttpStatusCode Status, JsonObject Json)> ExchangeAsync(TestProvider provider, string code, params (string Name, string? Value)[] changes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, provider.TokenPath) { Content = new FormUrlEncodedContent(provider.Exchange(this, code, changes)) };
        request.Headers.Authorization = provider.Authentication;
        return await SendAsync(request);
    }

    /// <summary>Posts a form.</summary>
    public async Task<(HttpStatusCode Status, JsonObject Json)> PostAsync(string path, params (string Name, string? Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Name, field.Value!))),
        };
        return await SendAsync(request);
    }

    /// <summary>Sends a request.</summary>
    public async Task<(HttpStatusCode Status, JsonObject Json)> SendAsync(HttpRequestMessage request)
    {
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject());
    }

    /// <summary>Signs in and gives the ID token.</summary>
    public async Task<string> IdTokenAsync(TestProvider provider, params (string Name, string? Value)[] changes)
    {
        var (status, json) = await ExchangeAsync(provider, await CodeAsync(provider, changes));
        Assert.Equal(HttpStatusCode.OK, status);
        return (string)json["id_token"]!;
    }

    /// <summary>Checks an ID token as a careful client does, by what the discovery document says.</summary>
    public async Task<TokenValidationResult> ValidateAsync(TestProvider provider, string token)
    {
        var discovery = await DiscoveryAsync(provider);
        var keys = await Http.GetStringAsync(new Uri((string)discovery["jwks_uri"]!).AbsolutePath);
        return await new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = (string)discovery["issuer"]!,
            ValidAudience = provider.ClientId,
            ValidAlgorithms = [.. discovery["id_token_signing_alg_values_supported"]!.AsArray().Select(value => (string)value!)],
            IssuerSigningKeys = new JsonWebKeySet(keys).GetSigningKeys(),
            ClockSkew = TimeSpan.Zero,
        });
    }

    /// <summary>Checks a notification of Apple's: it has no expiry.</summary>
    public async Task<TokenValidationResult> ValidateNotificationAsync(string token) =>
        await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = $"{Origin}/sign-in/apple",
            ValidAudience = TestProvider.Apple.ClientId,
            ValidateLifetime = false,
            IssuerSigningKeys = new JsonWebKeySet(await Http.GetStringAsync("/sign-in/apple/auth/keys")).GetSigningKeys(),
        });

    /// <summary>Signs in and gives the claims of the ID token, which must be valid.</summary>
    public async Task<JsonObject> ClaimsAsync(TestProvider provider, params (string Name, string? Value)[] changes)
    {
        var token = await IdTokenAsync(provider, changes);
        var result = await ValidateAsync(provider, token);
        Assert.True(result.IsValid, result.Exception?.Message);
        return Answers.Claims(token);
    }

    /// <summary>The discovery document.</summary>
    public async Task<JsonObject> DiscoveryAsync(TestProvider provider) =>
        JsonNode.Parse(await Http.GetStringAsync($"/sign-in/{provider.Name}/.well-known/openid-configuration"))!.AsObject();

    /// <inheritdoc />
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Test");
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(Clock));
    }
}
