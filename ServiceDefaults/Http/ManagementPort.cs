using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;

namespace BotGeneric.ServiceDefaults.Http;

/// <summary>
/// A second port for those who run the system. Metrics are offered only there, so that they cannot be reached through a port that
/// faces users. Keys: <c>Management:Port</c> (none: no metrics endpoint), <c>Management:Host</c> (default <c>localhost</c>; <c>*</c> in a container).
/// </summary>
internal static class ManagementPort
{
    internal static void AddManagementPort(this WebApplicationBuilder builder)
    {
        if (Port(builder.Configuration) is not { } port)
        {
            return;
        }

        var host = builder.Configuration["Management:Host"] ?? "localhost";
        builder.WebHost.UseUrls([.. ServiceUrls(builder.Configuration), $"http://{host}:{port}"]);
    }

    internal static void MapMetrics(this WebApplication app)
    {
        if (Port(app.Configuration) is not { } port)
        {
            return;
        }

        // By the port of the connection: the one in the Host header is whatever the caller wrote there.
        var metrics = app.CreateMetricsPipeline();
        app.Map("/metrics", context =>
            {
                if (context.Connection.LocalPort == port)
                {
                    return metrics(context);
                }

                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            })
            .AllowAnonymous()
            .ExcludeFromDescription();
    }

    private static RequestDelegate CreateMetricsPipeline(this IEndpointRouteBuilder app) =>
        app.CreateApplicationBuilder().UseOpenTelemetryPrometheusScrapingEndpoint(_ => true).Build();

    private static int? Port(IConfiguration configuration)
    {
        var text = configuration["Management:Port"];
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? port
            : throw new InvalidOperationException($"Management:Port is '{text}'; set it to a port number from 1 to 65535 or leave it out.");
    }

    // UseUrls replaces what ASPNETCORE_URLS or ASPNETCORE_HTTP_PORTS say, so what they say is repeated.
    private static IEnumerable<string> ServiceUrls(IConfiguration configuration)
    {
        if (configuration["urls"] is { Length: > 0 } urls)
        {
            return urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }

        return configuration["http_ports"] is { Length: > 0 } ports
            ? ports.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(port => $"http://*:{port}")
            : ["http://localhost:5000"];
    }
}
