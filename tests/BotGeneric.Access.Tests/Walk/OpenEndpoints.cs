namespace BotGeneric.Access.Tests.Walk;

/// <summary>
/// Every endpoint that answers without a token, and why. Whoever opens another one has to add it here, in a change that somebody reviews.
/// </summary>
internal static class OpenEndpoints
{
    /// <summary>In every process.</summary>
    public static IReadOnlyDictionary<string, string> Everywhere { get; } = new Dictionary<string, string>
    {
        ["/health"] = "Orchestrators and the gateway ask it; it names dependencies and their state, no address and no error.",
        ["/alive"] = "As above; it says only that the process runs.",
        ["/openapi/{documentName}.json"] = "The documentation is public; it holds no data.",
    };

    /// <summary>Endpoints that demand a token and no scope.</summary>
    public static IReadOnlyDictionary<string, string> WithoutScope { get; } = new Dictionary<string, string>
    {
        ["/{**path:file}"] = "Of the framework, beside a build output only: a file of the pages that is newer than the build.",
    };

    /// <summary>In one service. The key is the route's pattern.</summary>
    /// <param name="service">The service's name.</param>
    public static IReadOnlyDictionary<string, string> Of(string service) => service switch
    {
        "billing" => new Dictionary<string, string>
        {
            ["/api/plans/"] = "Whoever has no account yet must be able to see what there is to buy.",
            ["/webhooks/paddle"] = "Paddle has no token: it signs the body, and the endpoint checks the signature first.",
        },
        "landing" => new Dictionary<string, string>
        {
            ["/"] = "Sends a visitor to the page in his language.",
            ["/en"] = "The landing page, for everybody.",
            ["/ru"] = "As above.",
            ["/uk"] = "As above.",
            ["/_framework/opaque-redirect"] = "Of the page framework: follows a redirect that the same browser was given under protection.",
            ["/{**path}"] = "The page that says that there is none.",
        },
        _ => new Dictionary<string, string>(),
    };
}
