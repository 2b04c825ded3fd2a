using System.Globalization;
using System.Net;
using BotGeneric.AppHost.Native;
using BotGeneric.Testing;
using StackExchange.Redis;
using static BotGeneric.Gateway.Tests.Support.LimitedRequests;

namespace BotGeneric.Gateway.Tests;

public sealed class LimitOutageTests
{
    [Fact]
    public async Task Without_redis_a_gateway_counts_alone_says_so_and_returns_by_itself()
    {
        using var folder = new TemporaryFolder("limits");
        var options = new NativeServersOptions { DataFolder = folder.Path, Ephemeral = true, Kinds = NativeServerKinds.Redis };
        var servers = await NativeServers.StartAsync(options);
        var connection = servers.RedisConnectionString!;
        await using var world = await WorldAsync(("Api", 3));
        world.Gateway.Set("ConnectionStrings:redis", connection).Set("RateLimits:RedisTimeout", null).Set("Status:PollInterval", "00:00:00.200");
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
}
