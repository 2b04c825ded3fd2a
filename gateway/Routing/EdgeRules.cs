namespace BotGeneric.Gateway.Routing;

/// <summary>Which limit by client address a request counts against.</summary>
public enum LimitClass
{
    /// <summary>Calls of programs.</summary>
    Api,

    /// <summary>Pages and what belongs to them.</summary>
    Pages,

    /// <summary>Where passwords, codes and links can be tried.</summary>
    SignIn,

    /// <summary>Notifications of vendors, who send from a few addresses whatever happens to all customers.</summary>
    Webhooks,

    /// <summary>Never limited: probes.</summary>
    None,
}

/// <summary>When a request that changes something must prove that no other site sent it.</summary>
public enum CrossSiteRule
{
    /// <summary>When the session cookie is its credential.</summary>
    WithSession,

    /// <summary>Always: the endpoint has a cookie of its own that the gateway does not know.</summary>
    Always,

    /// <summary>Never: the caller is a server or a vendor's page, and proves who it is by other means.</summary>
    Exempt,
}

/// <summary>What the edge does with requests to an endpoint, as its metadata.</summary>
/// <param name="Limit">Which limit they count against.</param>
/// <param name="CrossSite">When they must prove their origin.</param>
/// <param name="IgnoresCredentials">True for files that are the same for everybody: nobody is looked up for them.</param>
public sealed record EdgeRules(LimitClass Limit, CrossSiteRule CrossSite, bool IgnoresCredentials = false)
{
    /// <summary>For an endpoint that says nothing else.</summary>
    public static EdgeRules Default { get; } = new(LimitClass.Api, CrossSiteRule.WithSession);

    /// <summary>The rules of the endpoint that a request has matched.</summary>
    /// <param name="context">The request.</param>
    public static EdgeRules Of(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<EdgeRules>() ?? Default;
}
