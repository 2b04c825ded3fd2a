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
    }

    internal static void UseEdge(this WebApplication app)
    {
        app.UseEdgeTracing();
        app.UseEdgeHeaders();
        app.UseEdgeCompression();
    }
}
