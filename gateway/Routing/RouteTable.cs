using System.Collections.Frozen;
using static BotGeneric.Gateway.Routing.CrossSiteRule;
using static BotGeneric.Gateway.Routing.LimitClass;
using static BotGeneric.Gateway.Routing.RouteAccess;
using static BotGeneric.Gateway.Routing.RouteTimeout;
using static BotGeneric.Gateway.Routing.ServiceNames;

namespace BotGeneric.Gateway.Routing;

/// <summary>Which path goes to which service, and on what terms. A path that is not here is 404.</summary>
public static class RouteTable
{
    private const long Megabyte = 1024 * 1024;

    /// <summary>Every route.</summary>
    public static IReadOnlyList<GatewayRoute> Routes { get; } =
    [
        // Pages
        new("/", Landing) { Access = Public, Limit = Pages },
        new("/en/{**rest}", Landing) { Access = Public, Limit = Pages },
        new("/ru/{**rest}", Landing) { Access = Public, Limit = Pages },
        new("/uk/{**rest}", Landing) { Access = Public, Limit = Pages },
        new("/app/{**rest}", Landing) { Limit = Pages },
        new("/chat/{**rest}", Landing) { Limit = Pages },
        new("/admin/{**rest}", Landing) { Access = Admin, Limit = Pages },
        File("/_content/{**rest}"),
        File("/_framework/{**rest}"),
        File("/assets/{**rest}"),
        File("/favicon.ico"),
        File("/robots.txt"),
        File("/sitemap.xml"),
        new("/{**path}", Landing) { Access = Public, Limit = Pages, IsNotFoundPage = true },

        // Identity. Its pages and the token server's endpoints are where a caller gets a credential in the first place. Pages have a cookie of
        // Identity's own. Some requests come from elsewhere by nature: those of other servers, Apple's form_post, and those with which any application may
        // have a browser sign somebody in or out (OpenID Connect Core 3.1.2.1, RP-Initiated Logout 2); what a person decides there has an antiforgery token.
        Door("/login/{**rest}"),
        Door("/register/{**rest}"),
        Door("/account/{**rest}"),
        Door("/connect/{**rest}"),
        OpenDoor("/connect/authorize"),
        OpenDoor("/connect/endsession"),
        OpenDoor("/connect/logout"),
        OpenDoor("/account/external/apple/callback"),
        new("/account/external/apple/notifications", Identity) { Access = Webhook },
        OpenDoor("/connect/token"),
        OpenDoor("/connect/par"),
        OpenDoor("/connect/introspect"),
        OpenDoor("/connect/revocation"),
        OpenDoor("/connect/revoke"),
        OpenDoor("/connect/deviceauthorization"),
        OpenDoor("/connect/device"),
        OpenDoor("/connect/userinfo"),
        new("/.well-known/{**rest}", Identity) { Access = Public },
        new("/api/users/{**rest}", Identity),
        new("/api/organizations/{**rest}", Identity),
        new("/api/keys/{**rest}", Identity),
        new("/api/sessions/{**rest}", Identity),
        new("/api/admin/users/{**rest}", Identity) { Access = Admin },
        new("/api/admin/organizations/{**rest}", Identity) { Access = Admin },
        new("/api/admin/clients/{**rest}", Identity) { Access = Admin },
        new("/api/admin/erasures/{**rest}", Identity) { Access = Admin },
        new("/api/admin/audit/{**rest}", Identity) { Access = Admin, Timeout = Long },

        // Billing. The price list is public; it is changed under /api/admin/plans.
        new("/api/plans/{**rest}", Billing) { Access = Public },
        new("/api/subscriptions/{**rest}", Billing),
        // The payment provider asks a bank while it is waited for.
        new("/api/subscriptions/checkout/{**rest}", Billing) { Timeout = Long },
        new("/api/subscriptions/current/{**rest}", Billing) { Timeout = Long },
        new("/api/billing/{**rest}", Billing),
        new("/webhooks/paddle", Billing) { Access = Webhook, MaxBodyBytes = 2 * Megabyte },
        // A push writes thing by thing; after a call without an answer Paddle is asked for half a minute what became of it.
        new("/api/admin/plans/{**rest}", Billing) { Access = Admin, Timeout = Long },
        new("/api/admin/subscriptions/{**rest}", Billing) { Access = Admin, Timeout = Long },
        new("/api/admin/transactions/{**rest}", Billing) { Access = Admin, Timeout = Long },
        new("/api/admin/adjustments/{**rest}", Billing) { Access = Admin },
        new("/api/admin/paddle/{**rest}", Billing) { Access = Admin },

        // Policy
        new("/api/policy/{**rest}", Policy),
        new("/api/admin/policies/{**rest}", Policy) { Access = Admin },

        // Usage. A batch holds up to 1,000 events.
        new("/api/usage/{**rest}", Usage),
        new("/api/usage/events", Usage) { MaxBodyBytes = 5 * Megabyte, Timeout = Long },
        new("/api/usage/history/export", Usage) { Timeout = Streaming },
        new("/api/admin/meters/{**rest}", Usage) { Access = Admin },
        new("/api/admin/prices/{**rest}", Usage) { Access = Admin, Timeout = Long },
        new("/api/admin/prices/import", Usage) { Access = Admin, MaxBodyBytes = 8 * Megabyte, Timeout = Long },
        new("/api/admin/usage/{**rest}", Usage) { Access = Admin, Timeout = Long },
        new("/api/admin/usage/entries", Usage) { Access = Admin, Timeout = Streaming },

        // Analytics
        new("/api/analytics/{**rest}", Analytics) { Timeout = Long },
        new("/api/admin/stats/{**rest}", Analytics) { Access = Admin, Timeout = Long },

        // Agents. A prompt may carry a long document; its answer is streamed.
        new("/api/agents/{**rest}", Agents),
        new("/api/conversations/{**rest}", Agents) { MaxBodyBytes = 4 * Megabyte, Timeout = Streaming },
        new("/v1/{**rest}", Agents) { MaxBodyBytes = 4 * Megabyte, Timeout = Streaming },
        new("/api/admin/prompts/{**rest}", Agents) { Access = Admin },
        new("/api/admin/agents/{**rest}", Agents) { Access = Admin },

        // Telegram
        new("/telegram/webhook/{botKey}", Telegram) { Access = Webhook, MaxBodyBytes = Megabyte },
        new("/api/telegram/{**rest}", Telegram),
        new("/api/admin/bots/{**rest}", Telegram) { Access = Admin },

        // Notifications
        new("/api/notifications/{**rest}", Notifications),
        new("/api/webhooks/{**rest}", Notifications),
        new("/api/reports/{**rest}", Notifications) { Timeout = Long },

        // What every service has
        .. WithApi.Select(service => new GatewayRoute($"/api/admin/messaging/{service}/{{**rest}}", service) { Access = Admin }),
        .. WithApi.Select(service => new GatewayRoute($"/docs/openapi/{service}.json", service) { Access = Public, ServicePath = "/openapi/v1.json" }),
    ];

    /// <summary>What the edge does with a route's requests, by the route's pattern.</summary>
    public static FrozenDictionary<string, EdgeRules> Rules { get; } = Routes.ToFrozenDictionary(route => route.Pattern, route => route.Rules);

    private static GatewayRoute File(string pattern) => new(pattern, Landing) { Access = Public, Limit = Pages, IgnoresCredentials = true };

    private static GatewayRoute Door(string pattern) => new(pattern, Identity) { Access = Public, Limit = SignIn, CrossSite = Always };

    private static GatewayRoute OpenDoor(string pattern) => new(pattern, Identity) { Access = Public, Limit = SignIn, CrossSite = Exempt };
}
