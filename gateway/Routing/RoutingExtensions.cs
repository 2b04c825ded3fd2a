using BotGeneric.Gateway.Security;
using BotGeneric.Gateway.Session;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;

namespace BotGeneric.Gateway.Routing;

/// <summary>Sets up the proxy.</summary>
internal static class RoutingExtensions
{
    // Inside one network a connection is accepted at once or not at all.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    internal static void AddRouting(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<RoutingOptions>()
            .BindConfiguration(RoutingOptions.SectionName)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        ServiceEndpoints.Register(builder.Services);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = GatewayRoute.DefaultMaxBodyBytes);

        // The proxy writes a stack trace for every probe that fails; the status poller says once what changed.
        builder.Logging.AddFilter("Yarp.ReverseProxy.Health", LogLevel.Error);
        // As for requests, one for each: ServiceOutages says what is worth saying, and counts them.
        builder.Logging.AddFilter("Yarp.ReverseProxy.Forwarder", LogLevel.Error);
        builder.Logging.AddFilter("Yarp.ReverseProxy.LoadBalancing", LogLevel.Error);
        builder.Services.AddSingleton<ServiceOutages>();

        builder.Services.AddRequestTimeouts();
        builder.Services.AddSingleton<IProxyConfigProvider>(services =>
        {
            var options = services.GetRequiredService<IOptions<RoutingOptions>>().Value;
            var endpoints = services.GetRequiredService<IOptions<ServiceEndpoints>>().Value;
            var isSharedAcrossOrigins = services.GetRequiredService<IOptions<CorsSettings>>().Value.Origins.Count > 0;
            return new InMemoryConfigProvider(
                [.. RouteTable.Routes.Select(route => ProxyConfiguration.Route(route, options, isSharedAcrossOrigins))],
                [.. ServiceNames.All.Select(service => ProxyConfiguration.Cluster(service, endpoints.Of(service), options))]);
        });
        builder.Services.AddReverseProxy()
            .AddTransforms(ProxyHeaders.Apply)
            .ConfigureHttpClient((_, handler) => handler.ConnectTimeout = ConnectTimeout);
    }

    internal static void MapRoutes(this WebApplication app)
    {
        var outages = app.Services.GetRequiredService<ServiceOutages>();
        app.MapReverseProxy(proxy =>
        {
            proxy.Use((HttpContext context, RequestDelegate next) => ProxyErrors.AnswerAsync(context, next, outages));
            proxy.Use(SessionChanges.AnswerAsync);
            proxy.Use(RequestLimits.EnforceAsync);
            proxy.Use(ServiceScopes.EnforceAsync);
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        }).ConfigureEndpoints((endpoint, route) => endpoint.WithMetadata(RouteTable.Rules[route.RouteId]));
        // Otherwise whoever accepts a page would get the one that says that there is no such page.
        app.Map("/api/{**rest}", () => TypedResults.NotFound()).AllowAnonymous().ExcludeFromDescription();
    }
}
