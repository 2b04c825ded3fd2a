using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class ValidatedTokenTests
{
    private static readonly ECDsaSecurityKey Other = TestTokens.CreateKey("other");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Source _source = new();

    [Fact]
    public async Task A_token_is_validated_once_and_found_again()
    {
        await using var service = await StartAsync();
        var token = Issue(TestToken.Operator);

        Assert.Equal(HttpStatusCode.OK, await SendAsync(service, token));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(service, token));

        Assert.True(IsKnown(service, token));
        Assert.Equal(1, Tokens(service).Count);
    }

    [Fact]
    public async Task An_expired_token_is_refused_although_it_is_remembered()
    {
        await using var service = await StartAsync();
        var token = Issue(TestToken.Operator with { Lifetime = TimeSpan.FromSeconds(20) });
        Assert.Equal(HttpStatusCode.OK, await SendAsync(service, token));

        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(IsKnown(service, token));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(service, token));

        // The clocks may differ by half a minute.
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(service, token));
    }

    [Fact]
    public async Task A_token_is_looked_at_anew_after_a_minute()
    {
        await using var service = await StartAsync();
        var token = Issue(TestToken.Operator);
        Assert.Equal(HttpStatusCode.OK, await SendAsync(service, token));

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.True(IsKnown(service, token));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(IsKnown(service, token));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(service, token));
        Assert.True(IsKnown(service, token));
    }

    [Fact]
    public async Task A_remembered_token_of_a_withdrawn_key_is_refused_after_the_refresh_that_its_own_requests_begin()
    {
        await using var service = await StartAsync();
        _time.Advance(TimeSpan.FromMinutes(4.5));
        var token = Issue(TestToken.Operator);
        Assert.Equal(HttpStatusCode.OK, await SendAsync(service, token));

        _source.Keys = [Other];
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(service, token));
        Assert.Equal(1, _source.Loads);

        // Five minutes since the keys were fetched, half of one since the token was validated.
        _time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.EqualAsync(HttpStatusCode.Unauthorized, () => SendAsync(service, token), "the refusal of the withdrawn key");
        Assert.Equal(2, _source.Loads);
    }

    [Fact]
    public async Task A_token_is_looked_at_anew_when_the_keys_have_been_fetched_again()
    {
        await using var service = await StartAsync();
        var token = Issue(TestToken.Operator);
        Assert.Equal(HttpStatusCode.OK, await SendAsync(service, token));

        _source.Keys = [TestTokens.SigningKey, Other];
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(service, Issue(TestToken.Operator with { Key = Other })));

        Assert.False(IsKnown(service, token));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(service, token));
    }

    [Fact]
    public async Task A_changed_character_makes_it_another_token()
    {
        await using var service = await StartAsync();
        var token = Issue(TestToken.Operator);
        Assert.Equal(HttpStatusCode.OK, await SendAsync(service, token));

        // Two bits of the last character say nothing to the framework. Here it is another text all the same.
        for (var index = 0; index < token.Length; index++)
        {
            var changed = Change(token, index);
            Assert.False(IsKnown(service, changed));
            if (index % 50 == 0)
            {
                Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(service, changed));
            }
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(service, token[..^1]));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(service, token));
    }

    [Fact]
    public async Task Refused_tokens_are_not_remembered_and_displace_none()
    {
        await using var service = await StartAsync(("Authentication:RememberedTokens", "2"));
        var token = Issue(TestToken.Operator);
        Assert.Equal(HttpStatusCode.OK, await SendAsync(service, token));

        for (var count = 0; count < 10; count++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(service, Issue(TestToken.Operator with { Key = TestTokens.ForgersKey })));
        }

        Assert.Equal(1, Tokens(service).Count);
        Assert.True(IsKnown(service, token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void No_more_is_remembered_than_was_configured(int capacity)
    {
        var tokens = new ValidatedTokens(Options.Create(new ApiAuthenticationOptions { RememberedTokens = capacity }));
        var keys = new OpenIdConnectConfiguration();
        var most = 0;
        for (var number = 0; number < 1_000; number++)
        {
            tokens.Add($"token-{number}", new ValidatedIdentity(new ClaimsIdentity()), keys, _time.GetUtcNow().AddHours(1), _time.GetUtcNow());
            most = Math.Max(most, tokens.Count);
        }

        Assert.InRange(most, Math.Min(capacity, 1), capacity);
        Assert.Equal(capacity > 0, tokens.Find("token-999", keys, _time.GetUtcNow()) is not null);
    }

    [Fact]
    public async Task What_was_remembered_is_dropped_when_it_cannot_be_used_any_more()
    {
        await using var service = await StartAsync();
        for (var count = 0; count < 5; count++)
        {
            Assert.Equal(HttpStatusCode.OK, await SendAsync(service, Issue(TestToken.Operator)));
        }

        for (var minute = 0; minute < 3; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(HttpStatusCode.OK, await SendAsync(service, Issue(TestToken.Operator)));
        }

        Assert.Equal(2, Tokens(service).Count);
    }

    [Fact]
    public async Task Each_request_has_a_principal_of_its_own_and_none_can_change_what_the_token_says()
    {
        var users = new List<ClaimsPrincipal>();
        await using var service = await StartAsync(app => app.MapGet("/who", (ClaimsPrincipal user) =>
        {
            users.Add(user);
            return Caller.Of(user).Has("added");
        }));
        var token = Issue(TestToken.Operator);
        await SendAsync(service, token, "/who");
        users[0].AddIdentity(new ClaimsIdentity([new Claim("scope", "added")]));
        await SendAsync(service, token, "/who");

        Assert.True(Caller.Of(users[0]).Has("added"));
        Assert.False(Caller.Of(users[1]).Has("added"));
        var shared = Assert.IsType<ValidatedIdentity>(users[1].Identity);
        Assert.Same(users[0].Identity, shared);
        Assert.Throws<InvalidOperationException>(() => shared.AddClaim(new Claim("scope", "added")));
        Assert.Throws<InvalidOperationException>(() => shared.AddClaims([new Claim("scope", "added")]));
        Assert.Throws<InvalidOperationException>(() => shared.TryRemoveClaim(shared.Claims.First()));
        Assert.Throws<InvalidOperationException>(() => shared.RemoveClaim(shared.Claims.First()));
    }

    [Fact]
    public async Task What_a_remembered_token_says_is_what_its_first_request_read()
    {
        var callers = new List<(string? Name, bool IsAdmin, Guid? Organization, string? Role, bool Reads, bool Chats)>();
        await using var service = await StartAsync(app => app.MapGet("/who", (ClaimsPrincipal user) =>
        {
            var caller = Caller.Of(user);
            callers.Add((user.Identity!.Name, caller.IsAdmin, caller.OrganizationId, caller.OrganizationRole, caller.Has(ApiScopes.UsageRead), caller.Has("usage")));
        }));
        var token = Issue(TestToken.Operator with { Organization = Guid.CreateVersion7(), OrganizationRole = "owner" });

        await SendAsync(service, token, "/who");
        await SendAsync(service, token, "/who");

        Assert.Equal(2, callers.Count);
        Assert.Equal(callers[0], callers[1]);
        Assert.True(callers[0] is { IsAdmin: true, Reads: true, Chats: false, Role: "owner", Organization: not null });
        Assert.Equal(TestTokens.OperatorId.ToString(), callers[0].Name);
    }

    private static ValidatedTokens Tokens(TestService service) => service.Services.GetRequiredService<ValidatedTokens>();

    private static string Change(string token, int index) =>
        string.Concat(token.AsSpan(0, index), token[index] == 'A' ? "B" : "A", token.AsSpan(index + 1));

    private static async Task<HttpStatusCode> SendAsync(TestService service, string token, string path = "/usage")
    {
        using var client = service.CreateVisitor();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.GetAsync(path);
        return response.StatusCode;
    }

    private bool IsKnown(TestService service, string token) =>
        Tokens(service).Find(token, service.Services.GetRequiredService<SigningKeys>().Peek(_time.GetUtcNow())!, _time.GetUtcNow()) is not null;

    private string Issue(TestToken token) => TestTokens.Issue(token, _time.GetUtcNow());

    private Task<TestService> StartAsync(params (string Key, string Value)[] settings) => StartAsync(_ => { }, settings);

    private async Task<TestService> StartAsync(Action<WebApplication> map, params (string Key, string Value)[] settings)
    {
        var service = await TestService.StartAsync(
            app =>
            {
                app.MapGet("/usage", () => "usage").RequireScope(ApiScopes.UsageRead);
                map(app);
            },
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(_time);
                builder.Services.AddSingleton<ISigningKeySource>(_source);
            },
            [TestService.OwnKeys, .. settings]);
        // A token that is validated while the keys are still being fetched is not remembered.
        await service.Services.GetRequiredService<SigningKeys>().GetConfigurationAsync(CancellationToken.None);
        return service;
    }

    private sealed class Source : ISigningKeySource
    {
        private int _loads;

        public IReadOnlyCollection<SecurityKey> Keys { get; set; } = [TestTokens.SigningKey];

        public int Loads => Volatile.Read(ref _loads);

        public Task<IReadOnlyCollection<SecurityKey>> LoadAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _loads);
            return Task.FromResult(Keys);
        }
    }
}
