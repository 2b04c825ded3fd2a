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

    /// <summary>Operations with an unsafe method that an admin who acts in somebody's name may use.</summary>
    public static IReadOnlyDictionary<string, string> WhileImpersonating { get; } = new Dictionary<string, string>
    {
        ["POST /api/organizations/{id}/select"] = "Chooses for the admin's own session which of the person's organizations is looked at.",
        ["POST /api/organizations/personal/select"] = "As above.",
        ["POST /api/usage/query"] = "Reads only; the question is too long for an address.",
    };

    /// <summary>Operations for one process of the installation alone, and its client id. The gateway has no path to them.</summary>
    /// <param name="path">The path template.</param>
    /// <returns>The client id; null: for people.</returns>
    public static string? CallerOf(string path) => path.StartsWith("/api/internal/telegram/", StringComparison.Ordinal) ? "telegram" : null;

    private static Dictionary<string, string> Identity { get; } = new()
    {
        ["/login"] = "Whoever signs in has nothing yet.",
        ["/login/second-factor"] = "As above: the first factor is in a cookie of ten minutes.",
        ["/login/locked"] = "Says that the account is locked; names none.",
        ["/login/passkey/options"] = "The challenge of a sign-in; it names no account.",
        ["/login/passkey/"] = "The signature itself is the proof.",
        ["/login/forgot"] = "Whoever has forgotten the password cannot sign in. The answer is the same for every address.",
        ["/login/forgot/check-mail"] = "As above.",
        ["/login/reset"] = "The secret in the link is the proof; it works once.",
        ["/register"] = "Whoever registers has no account. The answer is the same for every address.",
        ["/register/check-mail"] = "As above.",
        ["/register/verify"] = "The secret in the link is the proof; it works once.",
        ["/login/external/{provider}"] = "Sends a browser to the provider.",
        ["/account/external/{provider}/callback"] = "The way back from a provider: state and code are the proof, once.",
        ["/account/external/apple/callback"] = "As above; Apple posts a form from its own origin.",
        ["/account/external/apple/complete"] = "Continues the post above in the same browser, by a ticket that works once.",
        ["/account/external/apple/notifications"] = "Apple signs the body, and the endpoint checks the signature first.",
        ["/account/external/telegram/mini-app"] = "What Telegram signed is the proof.",
        ["/account/external/telegram/widget"] = "As above.",
        ["/account/invitations/accept"] = "Shows who invites before the visitor signs in or registers; accepting demands the session.",
        ["/account/invitations/decline"] = "The secret in the link is the proof; declining needs no account.",
        ["/connect/authorize"] = "OAuth: sends whoever is not signed in to /login itself.",
        ["/connect/token"] = "OAuth: the client and the grant are the proof.",
        ["/connect/userinfo"] = "OAuth: the token server validates the token itself.",
        ["/connect/endsession"] = "OpenID Connect: asks before it ends anything, unless the client's hint proves whose session it is.",
        ["/connect/logout"] = "As above.",
        ["/connect/signed-out"] = "Says that one is signed out.",
        ["/account/device"] = "OAuth device flow: sends whoever is not signed in to /login itself.",
        ["/account/device/{result}"] = "Says how it ended.",
    };

    /// <summary>In one service. The key is the route's pattern.</summary>
    /// <param name="service">The service's name.</param>
    public static IReadOnlyDictionary<string, string> Of(string service) => service switch
    {
        "billing" => new Dictionary<string, string>
        {
            ["/api/plans/"] = "Whoever has no account yet must be able to see what there is to buy.",
            ["/api/plans/{code}"] = "As above.",
            ["/webhooks/paddle"] = "Paddle has no token: it signs the body, and the endpoint checks the signature first.",
        },
        "identity" => Identity,
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
