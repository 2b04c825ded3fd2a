using System.Globalization;
using BotGeneric.Gateway.Security;
using BotGeneric.ServiceDefaults.Authentication;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace BotGeneric.Gateway.Routing;

/// <summary>Translates the route table and the services' addresses into the proxy's terms.</summary>
internal static class ProxyConfiguration
{
    /// <summary>The key in a route's metadata that says that its answers are streams.</summary>
    internal const string Streaming = "streaming";

    internal static RouteConfig Route(GatewayRoute route, RoutingOptions options, bool isSharedAcrossOrigins) => new()
    {
        RouteId = route.Pattern,
        ClusterId = route.Service,
        Match = new RouteMatch
        {
            Path = route.Pattern,
            Headers = route.IsNotFoundPage
                ? [new RouteHeader { Name = "Accept", Values = ["text/html"], Mode = HeaderMatchMode.Contains }]
                : null,
        },
        Order = route.IsNotFoundPage ? int.MaxValue : null,
        AuthorizationPolicy = route.Access switch
        {
            RouteAccess.Public or RouteAccess.Webhook => "anonymous",
            RouteAccess.Admin => ApiPolicies.Admin,
            _ => "default",
        },
        CorsPolicy = isSharedAcrossOrigins && IsApi(route.Pattern) ? EdgeCors.Policy : null,
        MaxRequestBodySize = route.MaxBodyBytes,
        Timeout = route.Timeout switch
        {
            RouteTimeout.Standard => options.StandardTimeout,
            RouteTimeout.Long => options.LongTimeout,
            _ => null,
        },
        TimeoutPolicy = route.Timeout == RouteTimeout.Streaming ? "disable" : null,
        Metadata = route.Timeout == RouteTimeout.Streaming ? new Dictionary<string, string> { [Streaming] = "true" } : null,
        Transforms = route.ServicePath is { } path ? [new Dictionary<string, string> { ["PathSet"] = path }] : null,
    };

    // What scripts of other sites may read: the API, not the pages and not what is for those who run the system.
    private static bool IsApi(string pattern) =>
        (pattern.StartsWith("/api/", StringComparison.Ordinal) && !pattern.StartsWith("/api/admin/", StringComparison.Ordinal))
        || pattern.StartsWith("/v1/", StringComparison.Ordinal);

    internal static ClusterConfig Cluster(string service, IReadOnlyList<Uri> addresses, RoutingOptions options) => new()
    {
        ClusterId = service,
        LoadBalancingPolicy = LoadBalancingPolicies.PowerOfTwoChoices,
        Destinations = addresses
            .Select((address, index) => (Name: $"{service}-{index.ToString(CultureInfo.InvariantCulture)}", Address: address.AbsoluteUri))
            .ToDictionary(replica => replica.Name, replica => new DestinationConfig { Address = replica.Address }),
        HttpRequest = new ForwarderRequestConfig
        {
            Version = System.Net.HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            ActivityTimeout = options.IdleTimeout,
        },
        HealthCheck = new HealthCheckConfig
        {
            // A service whose cache or broker is away is unhealthy in every replica at once and still answers better than nobody:
            // it has a degraded mode and says what is missing. So health steers only while there is something to choose from.
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
            Active = new ActiveHealthCheckConfig
            {
                Enabled = true,
                Path = "/health",
                Interval = options.HealthInterval,
                Timeout = options.HealthTimeout,
                Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
            },
            Passive = new PassiveHealthCheckConfig
            {
                Enabled = true,
                Policy = HealthCheckConstants.PassivePolicy.TransportFailureRate,
                ReactivationPeriod = options.HealthInterval * 2,
            },
        },
    };
}
