using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace BotGeneric.Gateway.Tests;

/// <summary>A service behind the gateway: a real HTTP server on loopback that remembers what it was asked.</summary>
public sealed class StubService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StubService(WebApplication app) => _app = app;

    /// <summary>Its base address.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>What came in, health questions left out.</summary>
    public ConcurrentQueue<StubRequest> Requests { get; } = new();

    /// <summary>What it answers to <c>/health</c>.</summary>
    public string Health { get; set; } = """{"status":"healthy","checks":{"self":"healthy"}}""";

    /// <summary>Starts one that answers every request by <paramref name="answer"/>.</summary>
    public static async Task<StubService> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null).UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var stub = new StubService(app);
        app.Run(async context =>
        {
            if (context.Request.Path == "/health")
            {
                context.Response.StatusCode = stub.Health.Contains("\"status\":\"healthy\"", StringComparison.Ordinal) ? 200 : 503;
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync(stub.Health);
                return;
            }

            stub.Requests.Enqueue(new StubRequest(
                context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
                context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
            await answer(context);
        });
        await app.StartAsync();
        return stub;
    }

    /// <summary>Starts one that reads every body and answers with a text.</summary>
    public static Task<StubService> StartAsync(string answer) => StartAsync(async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        await context.Response.WriteAsync(answer);
    });

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <summary>A request as a service saw it.</summary>
public sealed record StubRequest(string Target, IReadOnlyDictionary<string, string> Headers);
