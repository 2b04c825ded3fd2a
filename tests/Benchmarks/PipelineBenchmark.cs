using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Benchmarks;

/// <summary>
/// What the pipeline that all services have in common costs: an endpoint that answers one word, with a scope and a valid token behind it, against the same endpoint of a
/// minimal API with nothing in front. Both as processes of their own, the load from wrk, runs in turns. The figure is the median of the ratios.
/// </summary>
internal static class PipelineBenchmark
{
    // Private, because the services are processes of their own: they find it in their environment.
    private const string KeyVariable = "BENCHMARK_KEY";

    public static async Task RunAsync(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;
        var seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 6;
        using var half = ECDsa.Create(TestTokens.SigningKey.ECDsa.ExportParameters(includePrivateParameters: false));
        var key = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(half) { KeyId = TestTokens.SigningKey.KeyId });
        var environment = new Dictionary<string, string>
        {
            [KeyVariable] = JsonSerializer.Serialize(new { kty = key.Kty, crv = key.Crv, x = key.X, y = key.Y, kid = key.Kid }),
        };
        var (oursUrl, bareUrl) = ($"http://127.0.0.1:{Ports.Free()}", $"http://127.0.0.1:{Ports.Free()}");
        var assembly = Path.Combine(AppContext.BaseDirectory, "BotGeneric.Benchmarks.dll");
        using var ours = ServiceProcess.Start(assembly, ["plain-service", oursUrl, "defaults"], environment);
        using var bare = ServiceProcess.Start(assembly, ["plain-service", bareUrl, "bare"], environment);
        var token = TestTokens.Issue(
            TestToken.Operator with { Scopes = [ApiScopes.UsageRead], Organization = Guid.CreateVersion7(), SessionId = Guid.CreateVersion7().ToString(), Lifetime = TimeSpan.FromHours(1) },
            TimeProvider.System.GetUtcNow());
        try
        {
            await ReadyAsync($"{oursUrl}/word", token);
            await ReadyAsync($"{bareUrl}/word", token);
            await Wrk.LoadAsync(ours, $"{oursUrl}/word", token, seconds);
            await Wrk.LoadAsync(bare, $"{bareUrl}/word", token, seconds);
            var ratios = new List<(double Rate, double Processor)>();
            for (var round = 1; round <= rounds; round++)
            {
                var first = await Wrk.LoadAsync(ours, $"{oursUrl}/word", token, seconds);
                var second = await Wrk.LoadAsync(bare, $"{bareUrl}/word", token, seconds);
                ratios.Add((first.Rate / second.Rate, first.Processor / second.Processor));
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"round {round}: pipeline {first.Rate:0}/s p99 {first.P99:0.0} ms, bare {second.Rate:0}/s p99 {second.P99:0.0} ms, ratio {ratios[^1].Rate:0.00}, processor {first.Processor:0.0} and {second.Processor:0.0} µs a request"));
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"median ratio {Wrk.Median(ratios.Select(ratio => ratio.Rate)):0.00}, of processor time {Wrk.Median(ratios.Select(ratio => ratio.Processor)):0.00}"));
        }
        finally
        {
            ours.Kill();
            bare.Kill();
        }
    }

    /// <summary>One of the two services.</summary>
    public static async Task ServeAsync(string[] args)
    {
        if (args[1] == "bare")
        {
            var bare = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Staging" });
            bare.Logging.ClearProviders();
            bare.WebHost.UseUrls(args[0]);
            var app = bare.Build();
            app.MapGet("/word", Word);
            await app.RunAsync();
            return;
        }

        var builder = WebApplication.CreateBuilder(
            ["--environment=Staging", $"--urls={args[0]}", $"--Authentication:Issuer={TestTokens.Issuer}", "--Authentication:Audience=usage", "--Telemetry:TraceSampleRatio=0.1"]);
        builder.AddServiceDefaults();
        builder.Services.AddSingleton<ISigningKeySource>(new Source(new JsonWebKey(Environment.GetEnvironmentVariable(KeyVariable))));
        var service = builder.Build();
        service.UseServiceDefaults();
        service.MapDefaultEndpoints();
        service.MapGet("/word", Word).RequireScope(ApiScopes.UsageRead);
        await service.RunAsync();
    }

    private static string Word() => "pong";

    private static Task ReadyAsync(string address, string token) => Eventually.EqualAsync(
        HttpStatusCode.OK,
        async () =>
        {
            using var client = new HttpClient();
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
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

    private sealed class Source(SecurityKey key) : ISigningKeySource
    {
        public Task<IReadOnlyCollection<SecurityKey>> LoadAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyCollection<SecurityKey>>([key]);
    }
}
