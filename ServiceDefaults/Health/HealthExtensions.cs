using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace BotGeneric.ServiceDefaults.Health;

/// <summary><c>/health</c> (ready: every dependency answers) and <c>/alive</c> (the process runs), in every environment.</summary>
public static class HealthExtensions
{
    /// <summary>The longest a dependency may take to answer a health check.</summary>
    public static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(5);

    private const string LiveTag = "live";

    internal static void AddDefaultHealthChecks(this WebApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        // The framework logs an error for every question that finds something unhealthy, also while a process starts. Whoever asks hears the
        // answer, and what is wrong is logged once by the part that it happens to.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical);
    }

    internal static void MapHealthEndpoints(this WebApplication app)
    {
        // The reports name dependencies, never addresses or errors: those are in the log.
        app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = WriteAsync }).AllowAnonymous();
        app.MapHealthChecks("/alive", new HealthCheckOptions
        {
            Predicate = registration => registration.Tags.Contains(LiveTag),
            ResponseWriter = WriteAsync,
        }).AllowAnonymous();
    }

    private static Task WriteAsync(HttpContext context, HealthReport report) =>
        context.Response.WriteAsJsonAsync(
            HealthDocument.From(report), HealthDocument.Json, contentType: "application/json", context.RequestAborted);
}

/// <summary>What <c>/health</c> and <c>/alive</c> answer.</summary>
/// <param name="Status">The worst status of all checks: <c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</param>
/// <param name="Checks">The status of each dependency, by name.</param>
public sealed record HealthDocument(string Status, IReadOnlyDictionary<string, string> Checks)
{
    /// <summary>How the document is written and read.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    internal static HealthDocument From(HealthReport report) => new(
        Name(report.Status),
        report.Entries.ToDictionary(entry => entry.Key, entry => Name(entry.Value.Status)));

    private static string Name(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
