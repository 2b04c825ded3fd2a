using System.Globalization;
using System.Net;
using BotGeneric.Contracts.Identity;
using BotGeneric.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace BotGeneric.Benchmarks;

/// <summary>
/// Requests per second through the gateway with a remembered key and its three limits, against a YARP that does nothing else. The same
/// service behind both, both as processes of their own, the load from wrk, runs in turns. The figure is the median of the ratios.
/// </summary>
internal static class GatewayBenchmark
{
    private const string Secret = "secret-of-the-gateway-for-a-benchmark";

    public static async Task RunAsync(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;
        var seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 8;
        var lease = args.Length > 2 ? args[2] : "50";
        // As outside development, unless said otherwise.
        var traced = args.Length > 3 ? args[3] : "0.1";
        var key = ApiKeyFormat.Generate();
        await using var service = await StartServiceAsync();
        await using var database = await TestDatabase.CreateAsync("gateway");
        var address = service.Urls.Single();
        var (gatewayUrl, bareUrl) = ($"http://127.0.0.1:{Ports.Free()}", $"http://127.0.0.1:{Ports.Free()}");
        var settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Staging",
            ["ASPNETCORE_URLS"] = gatewayUrl,
            ["ConnectionStrings__gateway-db"] = database.ConnectionString,
            ["ConnectionStrings__redis"] = await TestServers.RedisAsync(),
            ["ConnectionStrings__rabbitmq"] = await TestServers.RabbitMqAsync(),
            ["Database__MigrateOnStart"] = "true",
            ["Authentication__Issuer"] = gatewayUrl + "/",
            ["Session__ClientSecret"] = Secret,
            ["services__identity__http__0"] = address,
            ["services__billing__http__0"] = address,
            ["RateLimits__Api__Requests"] = "100000000",
            ["RateLimits__Account__Requests"] = "100000000",
            ["RateLimits__Key__Requests"] = "100000000",
            ["RateLimits__LeaseSize"] = lease,
            ["Telemetry__TraceSampleRatio"] = traced,
            // As the application model starts it.
            ["DOTNET_GCgen0size"] = "0x4000000",
        };
        // Whatever else is to be tried, for the gateway alone.
        foreach (var setting in args.Skip(4).Select(setting => setting.Split('=', 2)))
        {
            settings[setting[0]] = setting[1];
        }

        using var gateway = ServiceProcess.Start(InOutput("BotGeneric.Gateway.dll"), [], settings);
        using var bare = ServiceProcess.Start(InOutput("BotGeneric.Benchmarks.dll"), ["bare-proxy", address, bareUrl], new Dictionary<string, string>());
        try
        {
            await ReadyAsync($"{gatewayUrl}/api/subscriptions", key);
            await ReadyAsync($"{bareUrl}/api/subscriptions", key);
            await Wrk.LoadAsync(gateway, $"{gatewayUrl}/api/subscriptions", key, seconds);
            await Wrk.LoadAsync(bare, $"{bareUrl}/api/subscriptions", key, seconds);
            var ratios = new List<(double Rate, double P99, double Processor)>();
            for (var round = 1; round <= rounds; round++)
            {
                var ours = await Wrk.LoadAsync(gateway, $"{gatewayUrl}/api/subscriptions", key, seconds);
                var theirs = await Wrk.LoadAsync(bare, $"{bareUrl}/api/subscriptions", key, seconds);
                ratios.Add((ours.Rate / theirs.Rate, ours.P99 / theirs.P99, ours.Processor / theirs.Processor));
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"round {round}: gateway {ours.Rate:0}/s p99 {ours.P99:0.0} ms, bare YARP {theirs.Rate:0}/s p99 {theirs.P99:0.0} ms, ratio {ratios[^1].Rate:0.00}, p99 {ratios[^1].P99:0.00}, processor {ours.Processor:0} and {theirs.Processor:0} µs a request"));
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"median ratio {Wrk.Median(ratios.Select(ratio => ratio.Rate)):0.00}, of p99 {Wrk.Median(ratios.Select(ratio => ratio.P99)):0.00}, of processor time {Wrk.Median(ratios.Select(ratio => ratio.Processor)):0.00}; lease of {lease}, traced {traced}"));
        }
        finally
        {
            gateway.Kill();
            bare.Kill();
        }
    }

    /// <summary>The baseline: a proxy and nothing else.</summary>
    public static async Task BareProxyAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Staging" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(args[1]);
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "service", Match = new RouteMatch { Path = "/{**path}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "service",
                    Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = args[0] } },
                },
            ]);
        var app = builder.Build();
        app.MapReverseProxy();
        await app.RunAsync();
    }

    // The service, and Identity for the one question about the key every half minute.
    private static async Task<WebApplication> StartServiceAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(context => context.Request.Path == "/connect/token"
            ? context.Response.WriteAsync(
                """{"access_token":"eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwic2NvcGUiOiJiaWxsaW5nOnJlYWQifQ.c2lnbmF0dXJl","expires_in":300,"key_id":"abcdefgh","account_id":"0192f0c1-2345-7abc-8def-0123456789ab","allowed_networks":[]}""")
            : context.Response.WriteAsync("pong"));
        await app.StartAsync();
        return app;
    }

    private static string InOutput(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly);

    private static async Task ReadyAsync(string address, string key)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("X-Api-Key", key);
        await Eventually.EqualAsync(
            HttpStatusCode.OK,
            async () =>
            {
                try
                {
                    using var response = await client.GetAsync(address);
                    return response.StatusCode;
                }
                catch (HttpRequestException)
                {
                    return HttpStatusCode.ServiceUnavailable;
                }
            },
            address);
    }
}
