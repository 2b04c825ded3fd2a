using System.Net;
using BotGeneric.Contracts.Identity;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Gateway.Authentication;
using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Tests.Support;
using BotGeneric.Testing;
using Microsoft.Extensions.Logging;

namespace BotGeneric.Gateway.Tests;

public sealed class KeyTests : IAsyncLifetime
{
    private readonly string _key = ApiKeyFormat.Generate();
    private EdgeWorld _world = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _world = await EdgeWorld.StartAsync(gateway => gateway
            .Set("ForwardedHeaders:KnownNetworks:0", "127.0.0.0/8").Set("KeyCache:RefusalLifetime", "00:00:30"));
        _world.Identity.Keys[_key] = new FakeKey(Guid.CreateVersion7());
        _client = _world.Gateway.CreateVisitor();
        await EdgeWorld.HearsAsync(_world.Gateway);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _world.DisposeAsync();
    }

    [Theory]
    [InlineData("Authorization")]
    [InlineData("X-Api-Key")]
    public async Task A_key_becomes_an_access_token_and_does_not_travel_on(string header)
    {
        Assert.Equal(HttpStatusCode.OK, await CallAsync(_key, header));

        var seen = _world.Service.Requests.Last();
        Assert.StartsWith("Bearer ey", seen.Headers["Authorization"], StringComparison.Ordinal);
        Assert.DoesNotContain(seen.Headers.Values, value => value.Contains(_key, StringComparison.Ordinal));
        Assert.DoesNotContain("X-Api-Key", seen.Headers.Keys, StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_key_that_is_used_at_once_by_many_is_resolved_once()
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => CallAsync(_key)));

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(1, _world.Identity.Exchanges);
    }

    [Fact]
    public async Task Ten_thousand_invented_keys_cost_identity_nothing()
    {
        var random = new Random(4711);
        const string alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 10_000).Select(_ =>
                $"bg_live_{new string(random.GetItems<char>(alphabet, 8))}_{new string(random.GetItems<char>(alphabet, 38))}").ToList(),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (key, _) => Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(key)));

        Assert.Equal(0, _world.Identity.Exchanges);
        Assert.Empty(_world.Service.Requests);
    }

    [Fact]
    public async Task A_key_of_the_right_form_that_nobody_has_is_asked_about_once()
    {
        var unknown = ApiKeyFormat.Generate();

        for (var call = 0; call < 5; call++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(unknown));
        }

        Assert.Equal(1, _world.Identity.Exchanges);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_within_a_second()
    {
        var token = await EdgeWorld.WithinASecondAsync(async () =>
        {
            var key = ApiKeyFormat.Generate();
            var account = Guid.CreateVersion7();
            _world.Identity.Keys[key] = new FakeKey(account);
            Assert.Equal(HttpStatusCode.OK, await CallAsync(key));
            var token = _world.LastToken;
            _world.Identity.Keys.TryRemove(key, out _);
            // Remembered: the gateway has not heard yet.
            Assert.Equal(HttpStatusCode.OK, await CallAsync(key));

            ApiKeyFormat.TryParse(key, out var id);
            var said = await EdgeWorld.SayAsync(new ApiKeyRevoked
            {
                EventId = Guid.CreateVersion7(),
                OccurredAt = TimeProvider.System.GetUtcNow(),
                AccountId = account,
                KeyId = id!,
            });
            await Eventually.EqualAsync(HttpStatusCode.Unauthorized, () => CallAsync(key), "the key to be refused");
            return (said, token);
        });

        // The token that it stood for is not a way round.
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(token));
    }

    [Fact]
    public async Task An_answer_that_was_under_way_during_a_revocation_is_not_remembered()
    {
        var arrived = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        _world.Identity.BeforeToken = () =>
        {
            arrived.TrySetResult();
            return goOn.Task;
        };
        var pending = CallAsync(_key);
        await arrived.Task;

        ApiKeyFormat.TryParse(_key, out var id);
        var keys = (Keys.KeyResolver)_world.Gateway.Services.GetService(typeof(Keys.KeyResolver))!;
        keys.Forget(id!);
        _world.Identity.Keys.TryRemove(_key, out var _);
        goOn.SetResult();

        Assert.Equal(HttpStatusCode.Unauthorized, await pending);
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(_key));
    }

    [Theory]
    [InlineData("203.0.113.7", HttpStatusCode.OK)]
    [InlineData("203.0.114.7", HttpStatusCode.Forbidden)]
    [InlineData("2001:db8::1", HttpStatusCode.OK)]
    [InlineData("2001:db9::1", HttpStatusCode.Forbidden)]
    [InlineData("::ffff:203.0.113.7", HttpStatusCode.OK)]
    public async Task A_key_works_from_its_networks_alone(string address, HttpStatusCode status)
    {
        _world.Identity.Keys[_key] = new FakeKey(Guid.CreateVersion7(), ["203.0.113.0/24", "2001:db8::/32"]);

        Assert.Equal(status, await CallAsync(_key, address: address));
    }

    [Fact]
    public async Task A_network_that_cannot_be_read_opens_nothing()
    {
        _world.Identity.Keys[_key] = new FakeKey(Guid.CreateVersion7(), ["everywhere"]);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await CallAsync(_key));
    }

    [Fact]
    public async Task A_key_has_a_limit_of_its_own()
    {
        _world.Identity.Keys[_key] = new FakeKey(Guid.CreateVersion7(), PerMinute: 3);

        var statuses = new List<HttpStatusCode>();
        for (var call = 0; call < 4; call++)
        {
            statuses.Add(await CallAsync(_key));
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], statuses);
    }

    [Theory]
    [InlineData(60, 1)]
    [InlineData(-1, 2)]
    public async Task A_key_is_remembered_until_its_end(int secondsLeft, int exchanges)
    {
        _world.Identity.Keys[_key] = new FakeKey(Guid.CreateVersion7(), ExpiresAt: TimeProvider.System.GetUtcNow().AddSeconds(secondsLeft));

        Assert.Equal(HttpStatusCode.OK, await CallAsync(_key));
        Assert.Equal(HttpStatusCode.OK, await CallAsync(_key));

        Assert.Equal(exchanges, _world.Identity.Exchanges);
    }

    [Fact]
    public async Task A_key_without_a_scope_of_the_service_is_told_which_would_do()
    {
        _world.Identity.Keys[_key] = new FakeKey(Guid.CreateVersion7(), Scope: "policy:read users:read");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/subscriptions");
        request.Headers.Add("X-Api-Key", _key);

        using var response = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("scope=\"billing:read", Assert.Single(response.Headers.WwwAuthenticate).ToString(), StringComparison.Ordinal);
        Assert.Contains("billing:read", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(_world.Service.Requests);
    }

    [Fact]
    public async Task While_identity_is_away_a_key_that_is_not_remembered_is_503()
    {
        _world.Identity.TokenStatus = 500;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await CallAsync(_key));
        Assert.Empty(_world.Service.Requests);
    }

    [Fact]
    public async Task While_identity_answers_that_it_cannot_the_log_says_so_once()
    {
        var log = new LogLines();
        using var client = _world.AddGateway(gateway => gateway.Log = log).CreateVisitor();
        _world.Identity.TokenStatus = 503;

        for (var call = 0; call < 5; call++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/subscriptions");
            request.Headers.Add("X-Api-Key", _key);
            using var answer = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }

        Assert.Equal(
            "identity does not answer (it answers 503); requests that failed since the last line: 1",
            Assert.Single(log.Of(nameof(ServiceOutages), LogLevel.Information)));
        Assert.Empty(log.Of(nameof(IdentityClient), LogLevel.Warning));
    }

    [Fact]
    public async Task While_revocations_are_not_heard_every_request_asks_identity_and_the_status_says_so()
    {
        using var deaf = _world.AddGateway(gateway => gateway.Set("ConnectionStrings:rabbitmq", "amqp://guest:guest@127.0.0.1:9/")).CreateVisitor();
        deaf.DefaultRequestHeaders.Add("X-Api-Key", _key);

        for (var call = 0; call < 3; call++)
        {
            using var response = await deaf.GetAsync("/api/subscriptions");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(3, _world.Identity.Exchanges);
        var status = await StatusReader.WaitAsync(deaf, status => status.Edge["revocations"].State == "degraded");
        Assert.Equal("degraded", status.Status);
    }

    [Fact]
    public async Task A_valid_cookie_does_not_stand_in_for_a_bad_key()
    {
        using var browser = _world.Browser();
        (await browser.SignInAsync()).Dispose();

        using var response = await browser.GetAsync("/api/subscriptions", request => request.Headers.Add("X-Api-Key", "bg_live_nonsense"));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task An_id_token_a_strangers_token_and_an_expired_one_are_refused()
    {
        var claims = new[] { new System.Security.Claims.Claim("sub", Guid.CreateVersion7().ToString()) };
        var identity = _world.Identity;
        var longAgo = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1);

        Assert.Equal(HttpStatusCode.OK, await CallAsync(identity.AccessToken(claims)));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(identity.Token("JWT", ["billing"], TimeSpan.FromMinutes(5), claims)));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(identity.Token("at+jwt", ["gateway"], TimeSpan.FromMinutes(5), claims)));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(identity.Token("at+jwt", ["billing"], TimeSpan.FromMinutes(5), claims, issuer: "http://other.test/")));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(identity.Token("at+jwt", ["billing"], TimeSpan.FromMinutes(5), claims, issuedAt: longAgo)));
        await using var stranger = await FakeIdentity.StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(stranger.AccessToken(claims)));
    }

    private async Task<HttpStatusCode> CallAsync(string credential, string header = "Authorization", string? address = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/subscriptions");
        request.Headers.TryAddWithoutValidation(header, header == "Authorization" ? "Bearer " + credential : credential);
        if (address is not null)
        {
            request.Headers.Add("X-Forwarded-For", address);
            request.Headers.Add("X-Forwarded-Proto", "http");
            request.Headers.Add("X-Forwarded-Host", "bot.test");
        }

        using var response = await _client.SendAsync(request);
        return response.StatusCode;
    }
}
