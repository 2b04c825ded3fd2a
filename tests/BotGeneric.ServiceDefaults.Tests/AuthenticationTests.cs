using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class AuthenticationTests : IAsyncLifetime
{
    private static readonly Dictionary<string, TestToken> Refused = new()
    {
        ["expired"] = TestToken.Operator with { Lifetime = TimeSpan.FromSeconds(-31) },
        ["without an end"] = TestToken.Operator with { Lifetime = null },
        ["of the future"] = TestToken.Operator with { ValidIn = TimeSpan.FromSeconds(60) },
        ["of another issuer"] = TestToken.Operator with { Issuer = "https://elsewhere.test/" },
        ["of an issuer without the slash"] = TestToken.Operator with { Issuer = "https://issuer.test" },
        ["of an issuer in capitals"] = TestToken.Operator with { Issuer = "https://ISSUER.test/" },
        ["for another service"] = TestToken.Operator with { Audiences = ["usage"] },
        ["for nobody"] = TestToken.Operator with { Audiences = [] },
        ["forged under a known name"] = TestToken.Operator with { Key = TestTokens.ForgersKey },
        ["of an unknown key"] = TestToken.Operator with { Key = TestTokens.CreateKey("unknown") },
        ["of a key without a name"] = TestToken.Operator with { Key = new ECDsaSecurityKey(TestTokens.SigningKey.ECDsa) },
        ["unsigned"] = TestToken.Operator with { Signing = null },
        ["signed by another algorithm"] = TestToken.Operator with { Key = TestTokens.RsaKey, Signing = SecurityAlgorithms.RsaSsaPssSha256 },
        ["signed by a longer hash"] = TestToken.Operator with { Key = TestTokens.RsaKey, Signing = SecurityAlgorithms.RsaSha512 },
        ["signed with the public key as a password"] = TestToken.Operator with
        {
            Key = new SymmetricSecurityKey(TestTokens.SigningKey.ECDsa.ExportSubjectPublicKeyInfo()) { KeyId = TestTokens.SigningKey.KeyId },
            Signing = SecurityAlgorithms.HmacSha256,
        },
        ["of the type JWT"] = TestToken.Operator with { Type = "JWT" },
        ["of no type"] = TestToken.Operator with { Type = string.Empty },
        ["for the page of sign-out"] = TestToken.Operator with { Type = "logout+jwt" },
    };

    private readonly ConcurrentQueue<string> _log = new();
    // It stands still: a token that is good for a second more is so however long its request is under way.
    private readonly TestClock _clock = new(standsStill: true);
    private TestService _service = null!;

    public static TheoryData<string> RefusedTokens => [.. Refused.Keys];

    public async Task InitializeAsync() => _service = await TestService.StartAsync(
        app =>
        {
            app.MapGet("/forgotten", (HttpContext context) => context.User.Identity!.Name);
            app.MapGet("/open", () => "open").AllowAnonymous();
            app.MapGet("/usage", () => "usage").RequireScope(ApiScopes.UsageRead);
        },
        builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(_clock);
            builder.Logging.SetMinimumLevel(LogLevel.Trace).ClearProviders().AddProvider(new LogToQueue(_log));
            // Above what the process sets for itself: not even at its most talkative may anything of a token be written.
            builder.Logging.AddFilter<LogToQueue>(null, LogLevel.Trace).AddFilter<LogToQueue>("Microsoft.AspNetCore.Authentication", LogLevel.Trace);
        });

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Theory]
    [InlineData("/forgotten", null, null, HttpStatusCode.Unauthorized)]
    [InlineData("/usage", null, null, HttpStatusCode.Unauthorized)]
    [InlineData("/open", null, null, HttpStatusCode.OK)]
    [InlineData("/open", "Authorization", "Bearer wrong", HttpStatusCode.OK)]
    [InlineData("/usage", "Authorization", "Bearer wrong", HttpStatusCode.Unauthorized)]
    [InlineData("/usage", "Authorization", "Bearer a.b.c", HttpStatusCode.Unauthorized)]
    [InlineData("/usage", "Authorization", "Bearer ..", HttpStatusCode.Unauthorized)]
    [InlineData("/usage", "Authorization", "Bearer ", HttpStatusCode.Unauthorized)]
    [InlineData("/usage", "Authorization", "Basic {token}", HttpStatusCode.Unauthorized)]
    [InlineData("/usage", "Authorization", "{token}", HttpStatusCode.Unauthorized)]
    [InlineData("/usage", "X-Api-Key", "{token}", HttpStatusCode.Unauthorized)]
    [InlineData("/usage", "Cookie", "access_token={token}", HttpStatusCode.Unauthorized)]
    [InlineData("/usage?access_token={token}", null, null, HttpStatusCode.Unauthorized)]
    [InlineData("/usage", "Authorization", "Bearer {token}", HttpStatusCode.OK)]
    [InlineData("/usage", "Authorization", "bearer {token}", HttpStatusCode.OK)]
    [InlineData("/forgotten", "Authorization", "Bearer {token}", HttpStatusCode.OK)]
    public async Task Only_an_endpoint_that_says_so_is_open(string path, string? header, string? value, HttpStatusCode status)
    {
        var token = TestTokens.Issue(TestToken.Operator, _clock.GetUtcNow());
        using var client = _service.CreateVisitor();
        if (header is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation(header, value!.Replace("{token}", token, StringComparison.Ordinal));
        }

        using var response = await client.GetAsync(path.Replace("{token}", token, StringComparison.Ordinal));

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(status == HttpStatusCode.Unauthorized, response.Headers.WwwAuthenticate.Count > 0);
    }

    [Theory]
    [MemberData(nameof(RefusedTokens))]
    public async Task A_token_is_refused_that_is(string kind)
    {
        using var client = _service.CreateClientWith(Refused[kind]);

        using var response = await client.GetAsync("/usage");
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("urn:botgeneric:problem:unauthenticated", problem.GetProperty("type").GetString());
        Assert.Contains("error=\"invalid_token\"", Challenge(response), StringComparison.Ordinal);
        Assert.Equal(kind == "expired", Challenge(response).Contains("expired", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/open")).StatusCode);
    }

    [Theory]
    [InlineData(-29, 0)]
    [InlineData(600, 29)]
    public async Task Clocks_may_differ_by_half_a_minute(int lifetime, int validIn)
    {
        using var client = _service.CreateClientWith(
            TestToken.Operator with { Lifetime = TimeSpan.FromSeconds(lifetime), ValidIn = TimeSpan.FromSeconds(Math.Min(validIn, lifetime)) });

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/usage")).StatusCode);
    }

    [Fact]
    public async Task Both_algorithms_and_both_ways_to_write_the_type_and_the_audience_are_accepted()
    {
        using var rsa = _service.CreateClientWith(TestToken.Operator with { Key = TestTokens.RsaKey, Signing = SecurityAlgorithms.RsaSha256 });
        using var type = _service.CreateClientWith(TestToken.Operator with { Type = "application/at+jwt" });
        using var audience = _service.CreateClientWith(TestToken.Operator with { Audiences = [TestService.Audience] });

        foreach (var client in new[] { rsa, type, audience })
        {
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/usage")).StatusCode);
        }
    }

    [Theory]
    [InlineData("en", "has expired")]
    [InlineData("ru", "истёк")]
    [InlineData("uk", "минув")]
    public async Task The_reason_is_in_the_callers_language(string language, string words)
    {
        using var client = _service.CreateClientWith(Refused["expired"]);
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);

        var problem = await (await client.GetAsync("/usage")).Content.ReadFromJsonAsync<JsonElement>();

        Assert.Contains(words, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_a_token_is_logged()
    {
        var tokens = new List<string>();
        using var client = _service.CreateVisitor();
        foreach (var token in Refused.Values.Append(TestToken.Operator).Append(new TestToken()))
        {
            tokens.Add(TestTokens.Issue(token, _clock.GetUtcNow()));
            using var request = new HttpRequestMessage(HttpMethod.Get, "/usage");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens[^1]);
            using var response = await client.SendAsync(request);
        }

        var log = string.Join('\n', _log);
        Assert.Contains("An access token was refused", log, StringComparison.Ordinal);
        Assert.All(tokens.SelectMany(token => token.Split('.')).Where(part => part.Length > 0), part => Assert.DoesNotContain(part, log, StringComparison.Ordinal));
        Assert.DoesNotContain(TestToken.Operator.Subject, log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Authentication:Issuer", "", "Authentication:Issuer")]
    [InlineData("Authentication:Issuer", "bot.example", "Authentication:Issuer")]
    [InlineData("Authentication:Issuer", "ftp://bot.example", "Authentication:Issuer")]
    [InlineData("Authentication:Issuer", "https://bot.example/?a=b", "Authentication:Issuer")]
    [InlineData("Authentication:JwksAddress", "/jwks", "Authentication:JwksAddress")]
    [InlineData("Authentication:Audience", "", "Authentication:Audience")]
    public async Task A_setting_that_cannot_be_right_stops_the_process(string key, string value, string named)
    {
        await using var app = TestService.Build(_ => { }, register: null, (key, value));

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://issuer.test/")]
    [InlineData("https://issuer.test")]
    [InlineData("https://issuer.test:443")]
    public async Task The_issuer_may_be_configured_with_or_without_the_slash_that_tokens_have(string issuer)
    {
        await using var service = await TestService.StartAsync(
            app => app.MapGet("/usage", () => "usage").RequireScope(ApiScopes.UsageRead), register: null, ("Authentication:Issuer", issuer));
        using var client = service.CreateOperator();

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/usage")).StatusCode);
    }

    private static string Challenge(HttpResponseMessage response) => string.Join(", ", response.Headers.WwwAuthenticate);

    private sealed class LogToQueue(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
