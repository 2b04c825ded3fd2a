using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace BotGeneric.ServiceDefaults.Telemetry;

/// <summary>Traces, metrics and logs of a process.</summary>
public static class TelemetryExtensions
{
    private static readonly string[] UntracedPaths = ["/health", "/alive", "/metrics"];

    // Counted several times for each request, and nothing that the durations and the connections of the server do not tell.
    private static readonly HashSet<string> UnusedInstruments =
    [
        "http.client.active_requests", "http.client.open_connections", "http.client.request.time_in_queue", "aspnetcore.routing.match_attempts",
    ];

    /// <summary>
    /// Sets up OpenTelemetry. Everything goes out by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; metrics are offered to
    /// Prometheus besides. Logs go to the console, as JSON lines outside development.
    /// </summary>
    /// <param name="builder">The process being built.</param>
    internal static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.AddConsoleLogs();
        builder.Services.AddOptions<TelemetryOptions>()
            .Configure<IHostEnvironment>((options, environment) =>
                options.TraceSampleRatio = environment.IsDevelopment() ? 1 : TelemetryOptions.DefaultTraceSampleRatio)
            .BindConfiguration(TelemetryOptions.SectionName)
            .ValidateDataAnnotations()
            .ValidateOnStart();

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource =>
            {
                if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_SERVICE_NAME"]))
                {
                    resource.AddService(builder.Environment.ApplicationName);
                }
            })
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter("Npgsql", "MassTransit", "Polly", "Yarp.ReverseProxy", "BotGeneric.*")
                .AddView(instrument => UnusedInstruments.Contains(instrument.Name) ? MetricStreamConfiguration.Drop : null)
                .AddPrometheusExporter())
            .WithTracing(tracing => tracing
                .AddSource(builder.Environment.ApplicationName, "MassTransit", "Yarp.ReverseProxy", "BotGeneric.*")
                .AddAspNetCoreInstrumentation(options => options.Filter = IsTraced)
                .AddHttpClientInstrumentation(options => options.FilterHttpRequestMessage = IsTraced)
                .AddNpgsql()
                .SetSampler(services => new ParentBasedSampler(
                    new TraceIdRatioBasedSampler(services.GetRequiredService<IOptions<TelemetryOptions>>().Value.TraceSampleRatio)))
                .AddProcessor<ProbeSpanProcessor>()
                .AddProcessor<SensitiveSpanProcessor>());

        builder.Services.AddSingleton<ProbeSpanProcessor>();
        builder.Services.AddSingleton<SensitiveSpanProcessor>();
        builder.Services.AddSingleton<SensitiveLogProcessor>();

        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return;
        }

        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            // Scopes hold request paths, which a processor cannot clean; trace and span are on every record anyway.
            logging.IncludeScopes = false;
            logging.AddProcessor(services => services.GetRequiredService<SensitiveLogProcessor>());
        });
        telemetry.UseOtlpExporter();
    }

    private static void AddConsoleLogs(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Logging.Configure(options => options.ActivityTrackingOptions =
            ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        builder.Logging.AddConsole(console => console.FormatterName = builder.Environment.IsDevelopment()
            ? TextLogFormatter.FormatterName
            : JsonLogFormatter.FormatterName);
        builder.Logging.AddConsoleFormatter<TextLogFormatter, ConsoleFormatterOptions>();
        builder.Logging.AddConsoleFormatter<JsonLogFormatter, ConsoleFormatterOptions>();
        if (builder.Configuration["Logging:LogLevel:Default"] is null)
        {
            // Libraries speak up when something is wrong; what they do otherwise is in the traces.
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
            builder.Logging.AddFilter("BotGeneric", LogLevel.Information);
            builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
            builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
            // It tells of every attempt that failed. Whoever asked hears the outcome and says what it means; how often is in the metrics.
            builder.Logging.AddFilter("Polly", LogLevel.Error);
            // All it has to say is of a lower level; while it may speak at all it opens a scope for each request.
            builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
            builder.Logging.AddFilter("BotGeneric.ServiceDefaults.Authentication", LogLevel.Warning);
            // What fails here throws, and whoever catches it decides what it means: on an empty database the first look for the
            // migrations' history fails as it should.
            builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.None);
            builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Database.Transaction", LogLevel.None);
        }
    }

    private static bool IsTraced(HttpContext context) =>
        !Array.Exists(UntracedPaths, path => context.Request.Path.Equals(path, StringComparison.OrdinalIgnoreCase));

    private static bool IsTraced(HttpRequestMessage request) =>
        !Array.Exists(UntracedPaths, path => request.RequestUri?.AbsolutePath.Equals(path, StringComparison.OrdinalIgnoreCase) is true);
}
