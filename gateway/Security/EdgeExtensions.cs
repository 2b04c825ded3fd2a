using BotGeneric.Gateway.Authentication;
using BotGeneric.Gateway.Limits;
using BotGeneric.Gateway.Session;
using BotGeneric.ServiceDefaults.Http;

namespace BotGeneric.Gateway.Security;

/// <summary>What the gateway owes the system because it stands at its edge.</summary>
internal static class EdgeExtensions
{
    internal static void AddEdge(this WebApplicationBuilder builder)
    {
        // What connects from loopback is a proxy only if configuration says so.
        builder.Services.Configure<TrustedProxyOptions>(options => options.TrustLoopback = false);
        builder.AddEdgeTracing();
        builder.AddEdgeHeaders();
        builder.AddEdgeCompression();
        builder.AddEdgeCors();
        builder.Services.AddSingleton<CrossSiteProtection>();
    }

    internal static void UseEdge(this WebApplication app)
    {
        app.UseEdgeTracing();
        app.UseEdgeHeaders();
        app.UseEdgeCompression();
        app.UseFreshSessions();
    }

    /// <summary>
    /// Who is calling, and what is refused before anybody asks what the caller may do. Preflights come first, because a browser sends no
    /// credential with them.
    /// </summary>
    internal static void UseEdgeAuthentication(this WebApplication app)
    {
        app.UseCors();
        app.UseLimitsOfUnknownKeys();
        app.UseAuthenticator();
        app.UseLimits();
        app.Use(app.Services.GetRequiredService<CrossSiteProtection>().EnforceAsync);
    }
}
