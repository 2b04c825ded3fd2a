namespace BotGeneric.Contracts.Identity;

/// <summary>
/// What an access token or a key can be allowed to do. Each scope belongs to one service, which is the audience of a token that has it; a
/// service demands the scope on each endpoint, and decides by ownership whose data.
/// </summary>
public static class ApiScopes
{
    /// <summary>See one's own profile, sessions and keys.</summary>
    public const string UsersRead = "users:read";

    /// <summary>Change one's own profile, end sessions, manage keys.</summary>
    public const string UsersWrite = "users:write";

    /// <summary>See one's organizations.</summary>
    public const string OrganizationsRead = "organizations:read";

    /// <summary>Create and manage organizations, as far as one's role in them goes.</summary>
    public const string OrganizationsWrite = "organizations:write";

    /// <summary>See plans, subscriptions and payments.</summary>
    public const string BillingRead = "billing:read";

    /// <summary>Buy, change and cancel.</summary>
    public const string BillingWrite = "billing:write";

    /// <summary>See limits.</summary>
    public const string PolicyRead = "policy:read";

    /// <summary>Ask for decisions and settle them.</summary>
    public const string PolicyAuthorize = "policy:authorize";

    /// <summary>See usage.</summary>
    public const string UsageRead = "usage:read";

    /// <summary>Report usage.</summary>
    public const string UsageWrite = "usage:write";

    /// <summary>See statistics.</summary>
    public const string AnalyticsRead = "analytics:read";

    /// <summary>See agents and conversations.</summary>
    public const string AgentsRead = "agents:read";

    /// <summary>Talk to agents.</summary>
    public const string AgentsWrite = "agents:write";

    /// <summary>See and change one's links with chats.</summary>
    public const string TelegramWrite = "telegram:write";

    /// <summary>See and change what one is notified of.</summary>
    public const string NotificationsWrite = "notifications:write";

    /// <summary>Use the endpoints of those who run the system, at every service. Worth something only together with the role.</summary>
    public const string Admin = "admin";

    private static readonly Dictionary<string, string[]> Services = new(StringComparer.Ordinal)
    {
        [UsersRead] = ["identity"],
        [UsersWrite] = ["identity"],
        [OrganizationsRead] = ["identity"],
        [OrganizationsWrite] = ["identity"],
        [BillingRead] = ["billing"],
        [BillingWrite] = ["billing"],
        [PolicyRead] = ["policy"],
        [PolicyAuthorize] = ["policy"],
        [UsageRead] = ["usage"],
        [UsageWrite] = ["usage"],
        [AnalyticsRead] = ["analytics"],
        [AgentsRead] = ["agents"],
        [AgentsWrite] = ["agents"],
        [TelegramWrite] = ["telegram", "identity"],
        [NotificationsWrite] = ["notifications"],
        [Admin] = ["identity", "billing", "policy", "usage", "analytics", "agents", "telegram", "notifications"],
    };

    /// <summary>Every scope.</summary>
    public static IReadOnlyCollection<string> All => Services.Keys;

    /// <summary>The services that are the audience of a token with the scope.</summary>
    /// <param name="scope">One of <see cref="All"/>; none of them: nobody's.</param>
    public static IReadOnlyList<string> AudiencesOf(string scope) => Services.GetValueOrDefault(scope, []);
}

/// <summary>The names of claims beyond those that RFC 9068 and OpenID Connect register.</summary>
public static class ApiClaims
{
    /// <summary>The organization in whose name the person acts; absent: in one's own.</summary>
    public const string Organization = "org";

    /// <summary>The person's role in that organization.</summary>
    public const string OrganizationRole = "org_role";

    /// <summary>The id of the API key that the token stands for.</summary>
    public const string KeyId = "key_id";

    /// <summary>A role in the system as a whole, such as <c>admin</c>. Present only when the second factor that it demands was shown.</summary>
    public const string Role = "role";

    /// <summary>
    /// When an admin last showed what dangerous acts demand, seconds since 1970: a second factor, or any credential where the operator demands none.
    /// Only beside <see cref="Role"/>.
    /// </summary>
    public const string StepUpTime = "step_up_time";

    /// <summary>Who acts for the subject (RFC 8693): an admin who impersonates, a bot.</summary>
    public const string Actor = "act";
}

/// <summary>Headers between services and the gateway. None of them comes from outside or goes there.</summary>
public static class InternalHeaders
{
    /// <summary>
    /// In an answer of Identity: the id of the session (<c>sid</c>) whose tokens say something that is not so any more, because of what was just done. The gateway exchanges them
    /// before it passes the answer on.
    /// </summary>
    public const string SessionChanged = "X-Internal-Session-Changed";
}
