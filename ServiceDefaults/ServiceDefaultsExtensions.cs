using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Health;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.OpenApi;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;

namespace BotGeneric.ServiceDefaults;

/// <summary>The three calls that make a process a member of the system: register, put in front, map.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Registers what every process has in common, and who may call it.</summary>
    /// <param name="builder">The process being built.</param>
    /// <returns>The same builder.</returns>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder)
    {
        builder.AddHostDefaults();
        builder.AddApiAuthentication();
        return builder;
    }

    /// <summary>
    /// Registers what every process has in common: telemetry, health, discovery, resilience, problem details, JSON rules. Alone it is for
    /// one that stands outside of the system and takes no tokens.
    /// </summary>
    /// <param name="builder">The process being built.</param>
    /// <returns>The same builder.</returns>
    public static WebApplicationBuilder AddHostDefaults(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddTelemetry();
        builder.AddManagementPort();
        builder.AddTrustedProxies();
        builder.AddDefaultHealthChecks();
        builder.AddApiProblemDetails();
        builder.Services.ConfigureHttpJsonOptions(options => ConfigureJson(options.SerializerOptions));

        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            // Unsafe methods are repeated only by callers that send an idempotency key; see docs/decisions.
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods());
            http.AddServiceDiscovery();
        });

        return builder;
    }

    /// <summary>Puts the common middleware in front of the endpoints, in the one order in which it works.</summary>
    /// <param name="app">The process.</param>
    /// <param name="authenticate">
    /// Puts authentication in place, with what must stand around it; null for authentication alone. At the gateway floods are turned away
    /// before they are authenticated and after, and both need the client's address that the first middleware finds out.
    /// </param>
    /// <returns>The same process.</returns>
    public static WebApplication UseServiceDefaults(this WebApplication app, Action<WebApplication>? authenticate = null)
    {
        app.UseHostDefaults();
        if (authenticate is null)
        {
            app.UseAuthentication();
        }
        else
        {
            authenticate(app);
        }

        app.UseAuthorization();
        app.UseMiddleware<IdempotencyMiddleware>();
        return app;
    }

    /// <summary>Puts the middleware that goes with <see cref="AddHostDefaults"/> in front of the endpoints.</summary>
    /// <param name="app">The process.</param>
    /// <returns>The same process.</returns>
    public static WebApplication UseHostDefaults(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseWhen(ProblemTexts.MustChoose, request => request.UseRequestLocalization(ProblemTexts.ConfigureLanguages));
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseStorableQueries();
        app.UseUnmatchedRequests();
        return app;
    }

    /// <summary>Maps <c>/health</c>, <c>/alive</c>, the management port's <c>/metrics</c> and, where registered, the OpenAPI document.</summary>
    /// <param name="app">The process.</param>
    /// <returns>The same process.</returns>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthEndpoints();
        app.MapMetrics();
        app.MapServiceOpenApi();
        return app;
    }

    /// <summary>
    /// The JSON rules of every API: camelCase, enums as camelCase names, no numbers in strings, unknown members refused by name.
    /// </summary>
    /// <param name="options">The options to set.</param>
    public static void ConfigureJson(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(NullRefusal.Apply);
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
    }
}
