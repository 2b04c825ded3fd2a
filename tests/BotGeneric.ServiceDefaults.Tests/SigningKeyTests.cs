using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class SigningKeyTests
{
    private static readonly ECDsaSecurityKey Old = TestTokens.CreateKey("old");
    private static readonly ECDsaSecurityKey New = TestTokens.CreateKey("new");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Source _source = new();

    [Fact]
    public async Task A_service_starts_without_the_issuer_and_says_that_it_cannot_judge_yet()
    {
        _source.Fails = true;
        await using var service = await StartAsync();

        using var before = await SendAsync(service, Old);
        var problem = await before.Content.ReadFromJsonAsync<JsonElement>();
        _source.Fails = false;
        _time.Advance(TimeSpan.FromSeconds(3));
        using var after = await SendAsync(service, Old);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, before.StatusCode);
        Assert.Equal("urn:botgeneric:problem:unavailable", problem.GetProperty("type").GetString());
        Assert.NotNull(before.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    [Fact]
    public async Task Keys_that_are_known_are_used_for_as_long_as_the_issuer_is_away()
    {
        await using var service = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, Old)).StatusCode);

        _source.Fails = true;
        for (var hour = 0; hour < 24; hour++)
        {
            _time.Advance(TimeSpan.FromHours(1));
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, Old)).StatusCode);
        }
    }

    [Fact]
    public async Task An_issuer_that_does_not_answer_keeps_nobody_with_a_known_key_waiting()
    {
        await using var service = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, Old)).StatusCode);

        _source.Hangs = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _time.Advance(TimeSpan.FromMinutes(1));
        var forged = SendAsync(service, New);
        await Eventually.GetAsync(() => Task.FromResult(_source.Loads), loads => loads == 2, "the refresh for the unknown key");
        using var known = await SendAsync(service, Old);
        _source.Hangs.SetResult();

        Assert.Equal(HttpStatusCode.OK, known.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await forged).StatusCode);
    }

    [Fact]
    public async Task The_first_token_of_a_new_key_is_accepted()
    {
        await using var service = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, Old)).StatusCode);

        _source.Keys = [Old, New];
        _time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, New)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, Old)).StatusCode);
    }

    [Fact]
    public async Task Forged_tokens_do_not_make_a_service_ask_the_issuer_again_and_again()
    {
        await using var service = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, Old)).StatusCode);
        _time.Advance(TimeSpan.FromSeconds(31));

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => SendAsync(service, TestTokens.CreateKey($"forged-{number}"))));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
        Assert.Equal(2, _source.Loads);
    }

    [Fact]
    public async Task A_key_that_the_issuer_has_withdrawn_is_refused_after_the_next_refresh()
    {
        await using var service = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, Old)).StatusCode);

        _source.Keys = [New];
        _time.Advance(TimeSpan.FromMinutes(5));

        await Eventually.GetAsync(
            async () => (await SendAsync(service, Old)).StatusCode, status => status == HttpStatusCode.Unauthorized, "the refusal of the withdrawn key");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, New)).StatusCode);
    }

    [Fact]
    public async Task An_answer_without_keys_changes_nothing()
    {
        await using var service = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, Old)).StatusCode);

        _source.Keys = [];
        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, Old)).StatusCode);
        await Eventually.GetAsync(() => Task.FromResult(_source.Loads), loads => loads == 2, "the refresh");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, Old)).StatusCode);
    }

    [Fact]
    public async Task The_key_set_is_fetched_from_its_address_and_only_what_can_sign_is_taken_from_it()
    {
        await using var issuer = await TestService.StartAsync(app => app.MapGet("/.well-known/jwks", () => TypedResults.Text(
            $$"""
            { "keys": [
              {{Jwk(Old, "sig")}},
              {{Jwk(New, "enc")}},
              { "kty": "oct", "kid": "shared", "use": "sig", "k": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE" }
            ] }
            """,
            "application/json")).AllowAnonymous());
        await using var service = await TestService.StartAsync(
            Map, register: null, TestService.OwnKeys, ("Authentication:JwksAddress", new Uri(issuer.Addresses[0], "/.well-known/jwks").AbsoluteUri));

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, Old)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(service, New)).StatusCode);
        var shared = new SymmetricSecurityKey("01234567890123456789012345678901"u8.ToArray()) { KeyId = "shared" };
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(service, shared, SecurityAlgorithms.HmacSha256)).StatusCode);
    }

    [Fact]
    public async Task An_issuer_that_is_away_while_the_system_starts_is_no_news_and_later_is_told_once()
    {
        _source.Fails = true;
        using var warnings = new Warnings();
        await using var service = await StartAsync(warnings);

        await FailAsync(TimeSpan.FromSeconds(30));
        Assert.Empty(warnings.Lines);
        await FailAsync(TimeSpan.FromSeconds(31));
        await FailAsync(TimeSpan.FromSeconds(30));

        Assert.Single(warnings.Lines);

        async Task FailAsync(TimeSpan later)
        {
            _time.Advance(later);
            using var response = await SendAsync(service, Old);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        }
    }

    private static string Jwk(ECDsaSecurityKey key, string use)
    {
        var point = key.ECDsa.ExportParameters(includePrivateParameters: false).Q;
        return $$"""
            { "kty": "EC", "crv": "P-256", "kid": "{{key.KeyId}}", "use": "{{use}}", "x": "{{Base64UrlEncoder.Encode(point.X)}}", "y": "{{Base64UrlEncoder.Encode(point.Y)}}" }
            """;
    }

    private static void Map(WebApplication app) => app.MapGet("/usage", () => "usage").RequireScope(ApiScopes.UsageRead);

    private static async Task<HttpResponseMessage> SendAsync(TestService service, SecurityKey key, string algorithm = SecurityAlgorithms.EcdsaSha256)
    {
        using var client = service.CreateClientWith(TestToken.Operator with { Key = key, Signing = algorithm });
        return await client.GetAsync("/usage");
    }

    private Task<TestService> StartAsync(Warnings? warnings = null) => TestService.StartAsync(
        Map,
        builder =>
        {
            if (warnings is not null)
            {
                builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(warnings);
            }

            builder.Services.AddSingleton<TimeProvider>(_time);
            builder.Services.AddSingleton<ISigningKeySource>(_source);
        },
        TestService.OwnKeys);

    /// <summary>What is logged about the keys.</summary>
    private sealed class Warnings : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyCollection<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) =>
            categoryName.EndsWith(".SigningKeys", StringComparison.Ordinal) ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }

    private sealed class Source : ISigningKeySource
    {
        private int _loads;

        public IReadOnlyCollection<SecurityKey> Keys { get; set; } = [Old];

        public bool Fails { get; set; }

        public TaskCompletionSource? Hangs { get; set; }

        public int Loads => Volatile.Read(ref _loads);

        public async Task<IReadOnlyCollection<SecurityKey>> LoadAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _loads);
            if (Hangs is { } hangs)
            {
                await hangs.Task.WaitAsync(cancellationToken);
            }

            return Fails ? throw new HttpRequestException("The issuer is away.") : Keys;
        }
    }
}
