using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BotGeneric.AppHost.Native;

/// <summary>
/// Receives traces over OTLP (HTTP, protobuf) on a loopback port, keeps the most recent ones in memory and shows them. Metrics and logs
/// are accepted and dropped: metrics have their own endpoint at every service, logs their files.
/// </summary>
internal sealed class Collector : IAsyncDisposable
{
    private const int LargestBody = 32 * 1024 * 1024;

    private readonly WebApplication _application;

    private Collector(WebApplication application, TraceStore traces, int port)
    {
        _application = application;
        Traces = traces;
        Address = $"http://127.0.0.1:{port}";
    }

    public string Address { get; }

    public TraceStore Traces { get; }

    /// <summary>Answers requests to stop and start resources; there are none before the resources are known.</summary>
    public ResourceControl? Control { get; set; }

    public static async Task<Collector> StartAsync(CancellationToken cancellationToken)
    {
        var port = Ports.Free();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Limits.MaxRequestBodySize = LargestBody;
        });
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        var application = builder.Build();
        var collector = new Collector(application, new TraceStore(), port);
        collector.Map();
        await application.StartAsync(cancellationToken);
        return collector;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private void Map()
    {
        _application.UseRouting();
        _application.MapPost("/v1/traces", (RequestDelegate)ReceiveAsync);
        _application.MapPost("/v1/metrics", (RequestDelegate)AcceptAsync);
        _application.MapPost("/v1/logs", (RequestDelegate)AcceptAsync);
        _application.MapGet("/traces", (RequestDelegate)(http => TracesPage.ListAsync(http, Traces, json: false)));
        _application.MapGet("/traces.json", (RequestDelegate)(http => TracesPage.ListAsync(http, Traces, json: true)));
        _application.MapGet("/traces/{traceId}", (RequestDelegate)(http => TracesPage.OneAsync(http, Traces)));
        _application.MapPost("/resources/{name}/{action}", (RequestDelegate)ControlAsync);
    }

    private async Task ReceiveAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await using (var content = Decompressed(http.Request))
        {
            await content.CopyToAsync(body, http.RequestAborted);
        }

        try
        {
            Traces.Add(OtlpTraceReader.Read(body.GetBuffer().AsSpan(0, (int)body.Length)));
        }
        catch (InvalidDataException)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        http.Response.ContentType = "application/x-protobuf";
    }

    private static async Task AcceptAsync(HttpContext http)
    {
        await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
        http.Response.ContentType = "application/x-protobuf";
    }

    private async Task ControlAsync(HttpContext http)
    {
        if (Control is null)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        var result = await Control.ApplyAsync(http, (string)http.Request.RouteValues["name"]!, (string)http.Request.RouteValues["action"]!);
        await result.ExecuteAsync(http);
    }

    private static Stream Decompressed(HttpRequest request) =>
        string.Equals(request.Headers.ContentEncoding, "gzip", StringComparison.OrdinalIgnoreCase)
            ? new GZipStream(request.Body, CompressionMode.Decompress)
            : request.Body;
}
