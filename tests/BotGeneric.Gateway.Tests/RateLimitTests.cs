using System.Globalization;
using System.Net;
using BotGeneric.AppHost.Native;
using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Limits;
using BotGeneric.Gateway.Tests.Support;
using BotGeneric.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace BotGeneric.Gateway.Tests;

public sealed class RateLimitTests
{
    [Fact]
    public async Task What_is_too_much_from_one_address_is_429_and_says_when_to_come_back()
    {
        await using var world = await WorldAsync(("Api", 3));
        using var client = world.Gateway.CreateVisitor();
        var address = Address();

        for (var left = 2; left >= 0; left--)
        {
            using var allowed = await GetAsync(client, "/api/plans", address);
            Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
            Assert.Equal("\"api\";q=3;w=60", Header(allowed, "RateLimit-Policy"));
            Assert.StartsWith($"\"api\";r={left};t=", Header(allowed, "RateLimit"), StringComparison.Ordinal);
            Assert.Equal("3", Header(allowed, "RateLimit-Limit"));
            Assert.Equal($"{left}", Header(allowed, "RateLimit-Remaining"));
            Assert.InRange(Number(allowed, "RateLimit-Reset"), 1, 60);
        }

        using var refused = await GetAsync(client, "/api/plans", address);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 20);
        Assert.Equal("0", Header(refused, "RateLimit-Remaining"));

        using var other = await GetAsync(client, "/api/plans", Address());
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Gateways_count_together()
    {
        await using var world = await WorldAsync(("Api", 10));
        using var first = world.Gateway.CreateVisitor();
        using var second = world.AddGateway(gateway => Limits(gateway, ("Api", 10))).CreateVisitor();
        var address = Address();

        var statuses = new List<HttpStatusCode>();
        for (var call = 0; call < 14; call++)
        {
            using var response = await GetAsync(call % 2 == 0 ? first : second, "/api/plans", address);
            statuses.Add(response.StatusCode);
        }

        Assert.Equal(10, statuses.Count(status => status == HttpStatusCode.OK));
    }

    [Theory]
    [InlineData(200, 50)]
    [InlineData(200, 1)]
    public async Task A_limit_is_never_exceeded_however_many_come_at_once(int limit, int lease)
    {
        await using var world = await WorldAsync(("Api", limit));
        world.Gateway.Set("RateLimits:Api:Period", "1.00:00:00").Set("RateLimits:LeaseSize", $"{lease}").Set("RateLimits:RedisTimeout", "00:00:05");
        using var first = world.Gateway.CreateVisitor();
        using var second = world.AddGateway(gateway => Limits(gateway, ("Api", limit))
            .Set("RateLimits:Api:Period", "1.00:00:00").Set("RateLimits:LeaseSize", $"{lease}").Set("RateLimits:RedisTimeout", "00:00:05")).CreateVisitor();
        var address = Address();

        var statuses = await Task.WhenAll(Enumerable.Range(0, 2 * limit).Select(async call =>
        {
            using var response = await GetAsync(call % 2 == 0 ? first : second, "/api/plans", address);
            return response.StatusCode;
        }));

        var allowed = statuses.Count(status => status == HttpStatusCode.OK);
        // What was leased and not used is lost: at most a tenth of what was left, once for each gateway.
        Assert.InRange(allowed, lease == 1 ? limit : limit * 3 / 4, limit);
    }

    [Fact]
    public async Task A_subscribers_whole_network_is_one_address()
    {
        await using var world = await WorldAsync(("Api", 1));
        using var client = world.Gateway.CreateVisitor();
        var network = $"2001:db8:{Random.Shared.Next(0, 0xffff):x}:{Random.Shared.Next(0, 0xffff):x}";

        using var first = await GetAsync(client, "/api/plans", $"{network}::1");
        using var second = await GetAsync(client, "/api/plans", $"{network}:ffff::2");

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
    }

    [Fact]
    public async Task An_account_has_one_limit_for_all_its_keys_and_addresses()
    {
        await using var world = await WorldAsync(("Account", 2));
        using var client = world.Gateway.CreateVisitor();
        var account = Guid.CreateVersion7();
        var keys = Enumerable.Range(0, 3).Select(_ => ApiKeyFormat.Generate()).ToList();
        keys.ForEach(key => world.Identity.Keys[key] = new FakeKey(account));

        var statuses = new List<HttpStatusCode>();
        foreach (var key in keys)
        {
            using var response = await GetAsync(client, "/api/subscriptions", Address(), key);
            statuses.Add(response.StatusCode);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], statuses);
    }

    [Fact]
    public async Task Guessing_keys_of_the_right_form_is_limited_before_identity_is_asked()
    {
        await using var world = await WorldAsync(("Api", 5));
        using var client = world.Gateway.CreateVisitor();
        var address = Address();

        for (var guess = 0; guess < 20; guess++)
        {
            using var response = await GetAsync(client, "/api/subscriptions", address, ApiKeyFormat.Generate());
            Assert.Equal(guess < 5 ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests, response.StatusCode);
        }

        Assert.Equal(5, world.Identity.Exchanges);
    }

    [Theory]
    [InlineData("/login")]
    [InlineData("/connect/token")]
    [InlineData("/session/login")]
    public async Task Where_passwords_can_be_tried_the_limit_is_its_own(string path)
    {
        await using var world = await WorldAsync(("SignIn", 1));
        using var client = world.Gateway.CreateVisitor();
        var address = Address();

        using var first = await GetAsync(client, path, address);
        using var second = await GetAsync(client, path, address);
        using var elsewhere = await GetAsync(client, "/api/plans", address);

        Assert.NotEqual(HttpStatusCode.TooManyRequests, first.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal(HttpStatusCode.OK, elsewhere.StatusCode);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Probes_are_never_limited(string path)
    {
        await using var world = await WorldAsync(("Api", 1), ("Pages", 1));
        using var client = world.Gateway.CreateVisitor();
        var address = Address();

        for (var probe = 0; probe < 5; probe++)
        {
            using var response = await GetAsync(client, path, address);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Null(Header(response, "RateLimit"));
        }
    }

    [Fact]
    public async Task A_request_that_one_limit_refuses_costs_nothing_of_the_others()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(await TestServers.RedisAsync());
        var shared = new SharedLimiter(redis, Options.Create(new RateLimitOptions()));
        var tight = Limit.Of("tight", $"{{limits}}:{Guid.NewGuid()}", RateLimit.PerMinute(1));
        var wide = Limit.Of("wide", $"{{limits}}:{Guid.NewGuid()}", RateLimit.PerMinute(100));
        var both = new LimitSet([wide, tight]);

        Assert.Equal(1, (await shared.TakeAsync(both, 1)).Granted);
        for (var attempt = 0; attempt < 10; attempt++)
        {
            Assert.Equal(0, (await shared.TakeAsync(both, 1)).Granted);
        }

        Assert.Equal(98, (await shared.TakeAsync(new LimitSet([wide]), 1)).Remaining(0, 0));
    }

    [Fact]
    public async Task A_server_that_forgot_the_script_is_told_again()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(await TestServers.RedisAsync() + ",allowAdmin=true");
        var shared = new SharedLimiter(redis, Options.Create(new RateLimitOptions()));
        var set = new LimitSet([Limit.Of("api", $"{{limits}}:{Guid.NewGuid()}", RateLimit.PerMinute(10))]);

        await redis.GetServers()[0].ScriptFlushAsync();

        Assert.Equal(1, (await shared.TakeAsync(set, 1)).Granted);
        Assert.Equal(1, (await shared.TakeAsync(set, 1)).Granted);
    }

    [Fact]
    public void Requests_come_back_evenly_when_a_gateway_counts_alone()
    {
        var time = new FakeTimeProvider();
        var local = new LocalLimiter(time);
        var set = new LimitSet([Limit.Of("api", "someone", RateLimit.PerMinute(60))]);

        Assert.All(Enumerable.Range(0, 60), _ => Assert.Equal(1, local.Take(set).Granted));
        var refused = local.Take(set);
        Assert.Equal(0, refused.Granted);
        Assert.Equal(1, refused.RetryAfter());
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([1, 1, 0], Enumerable.Range(0, 3).Select(_ => local.Take(set).Granted));
    }

    [Fact]
    public async Task Without_redis_a_gateway_counts_alone_says_so_and_returns_by_itself()
    {
        using var folder = new TemporaryFolder("limits");
        var options = new NativeServersOptions { DataFolder = folder.Path, Ephemeral = true, Kinds = NativeServerKinds.Redis };
        var servers = await NativeServers.StartAsync(options);
        var connection = servers.RedisConnectionString!;
        await using var world = await WorldAsync(("Api", 3));
        world.Gateway.Set("ConnectionStrings:redis", connection).Set("Status:PollInterval", "00:00:00.200");
        using var client = world.Gateway.CreateVisitor();
        using var before = await GetAsync(client, "/api/plans", Address());
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await StatusReader.WaitAsync(client, status => status.Edge["limits"].State == "healthy");

        await servers.DisposeAsync();
        await StatusReader.WaitAsync(client, status => status.Edge["limits"].State == "degraded" && status.Edge["sessions"].State == "unhealthy");
        var address = Address();
        var statuses = new List<HttpStatusCode>();
        for (var call = 0; call < 5; call++)
        {
            using var response = await GetAsync(client, "/api/plans", address);
            statuses.Add(response.StatusCode);
        }

        Assert.Equal(3, statuses.Count(status => status == HttpStatusCode.OK));
        Assert.Equal(2, statuses.Count(status => status == HttpStatusCode.TooManyRequests));
        // Nobody's session can be read; whoever shows one is told to come back, and everybody else is served.
        using var signedIn = await GetAsync(client, "/api/subscriptions", Address(), cookie: "session=any");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, signedIn.StatusCode);

        using var again = await RestartAsync(folder, connection);
        await Eventually.EqualAsync(
            "healthy",
            async () =>
            {
                using var response = await GetAsync(client, "/api/plans", Address());
                return (await StatusReader.WaitAsync(client, _ => true)).Edge["limits"].State;
            },
            "the limits to be shared again");
        again.Kill();
    }

    // The engine gives a server another port at each start; a client that reconnects needs the same one.
    private static async Task<System.Diagnostics.Process> RestartAsync(TemporaryFolder folder, string connection)
    {
        var configuration = ConfigurationOptions.Parse(connection);
        var port = configuration.EndPoints[0] is IPEndPoint endpoint ? endpoint.Port : ((DnsEndPoint)configuration.EndPoints[0]).Port;
        var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "redis-server", ["--bind", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--requirepass", configuration.Password!, "--save", "", "--dir", folder.Path])
        {
            RedirectStandardOutput = true,
        })!;
        await Eventually.EqualAsync(
            true,
            async () =>
            {
                try
                {
                    await using var redis = await ConnectionMultiplexer.ConnectAsync(connection);
                    return redis.IsConnected;
                }
                catch (RedisConnectionException)
                {
                    return false;
                }
            },
            "Redis to be back");
        return process;
    }

    private static Task<EdgeWorld> WorldAsync(params (string Name, int Requests)[] limits) => EdgeWorld.StartAsync(gateway => Limits(gateway, limits));

    private static GatewayApplication Limits(GatewayApplication gateway, params (string Name, int Requests)[] limits)
    {
        gateway.Set("ForwardedHeaders:KnownNetworks:0", "127.0.0.0/8");
        foreach (var (name, requests) in limits)
        {
            gateway.Set($"RateLimits:{name}:Requests", requests.ToString(CultureInfo.InvariantCulture));
        }

        return gateway;
    }

    // Another one for each test: the counters of all of them are in one Redis.
    private static string Address() => new IPAddress([10, .. Guid.NewGuid().ToByteArray().AsSpan(13, 3)]).ToString();

    private static async Task<HttpResponseMessage> GetAsync(HttpClient client, string path, string address, string? key = null, string? cookie = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Forwarded-For", address);
        request.Headers.Add("X-Forwarded-Proto", "http");
        request.Headers.Add("X-Forwarded-Host", "bot.test");
        if (key is not null)
        {
            request.Headers.Add("X-Api-Key", key);
        }

        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        }

        return await client.SendAsync(request);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    private static long Number(HttpResponseMessage response, string name) => long.Parse(Header(response, name)!, CultureInfo.InvariantCulture);
}
