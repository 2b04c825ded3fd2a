namespace BotGeneric.Gateway.Routing;

/// <summary>Whom the gateway lets through. The service behind it decides again.</summary>
public enum RouteAccess
{
    /// <summary>Anybody with a valid credential. The default, so that a forgotten word closes a door.</summary>
    Authenticated,

    /// <summary>Those who run the system.</summary>
    Admin,

    /// <summary>Anybody: the answer is meant for everyone, or the service asks for a credential of its own kind.</summary>
    Public,

    /// <summary>A vendor whose request carries a signature or a secret that only the service can check.</summary>
    Webhook,
}

/// <summary>How long an answer may take.</summary>
public enum RouteTimeout
{
    /// <summary>An ordinary request; see <see cref="RoutingOptions.StandardTimeout"/>.</summary>
    Standard,

    /// <summary>A bulk write, an export or a report; see <see cref="RoutingOptions.LongTimeout"/>.</summary>
    Long,

    /// <summary>
    /// An answer that may go on for as long as something comes (server-sent events): no limit in total, never compressed or buffered,
    /// ended only by <see cref="RoutingOptions.IdleTimeout"/>.
    /// </summary>
    Streaming,
}

/// <summary>One line of the route table.</summary>
/// <param name="Pattern">The path, in the notation of ASP.NET Core routing. The more specific of two patterns wins.</param>
/// <param name="Service">One of <see cref="ServiceNames"/>.</param>
public sealed record GatewayRoute(string Pattern, string Service)
{
    private const long Kilobyte = 1024;

    /// <summary>The body limit of a route that says nothing else: 256 KB.</summary>
    public const long DefaultMaxBodyBytes = 256 * Kilobyte;

    /// <summary>Whom the gateway lets through.</summary>
    public RouteAccess Access { get; init; } = RouteAccess.Authenticated;

    /// <summary>The largest request body in bytes; a larger one is answered with 413.</summary>
    public long MaxBodyBytes { get; init; } = DefaultMaxBodyBytes;

    /// <summary>How long the answer may take.</summary>
    public RouteTimeout Timeout { get; init; } = RouteTimeout.Standard;

    /// <summary>The path at the service, when it is not the path of the request.</summary>
    public string? ServicePath { get; init; }

    /// <summary>Which limit by client address its requests count against.</summary>
    public LimitClass Limit { get; init; } = LimitClass.Api;

    /// <summary>When a request that changes something must prove that no other site sent it. Webhooks never need to.</summary>
    public CrossSiteRule CrossSite { get; init; } = CrossSiteRule.WithSession;

    /// <summary>True for files that are the same for everybody.</summary>
    public bool IgnoresCredentials { get; init; }

    /// <summary>What the edge does with its requests.</summary>
    public EdgeRules Rules => Access == RouteAccess.Webhook
        ? new(LimitClass.Webhooks, CrossSiteRule.Exempt, IgnoresCredentials)
        : new(Limit, CrossSite, IgnoresCredentials);

    /// <summary>True for the last resort: requests that match nothing else and come from a browser that wants a page.</summary>
    public bool IsNotFoundPage { get; init; }
}
