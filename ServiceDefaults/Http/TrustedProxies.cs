using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace BotGeneric.ServiceDefaults.Http;

/// <summary>
/// Keys under <c>ForwardedHeaders</c>: whose <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> are believed. Anybody else's are ignored.
/// </summary>
public sealed class TrustedProxyOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "ForwardedHeaders";

    /// <summary>IP addresses of trusted proxies.</summary>
    public IList<string> KnownProxies { get; } = [];

    /// <summary>Networks of trusted proxies in CIDR notation, such as <c>10.0.0.0/8</c> for a cluster's own network.</summary>
    public IList<string> KnownNetworks { get; } = [];

    /// <summary>How many proxies stand in front, each of which adds one entry to the headers.</summary>
    public int ForwardLimit { get; set; } = 1;

    /// <summary>
    /// Whether a proxy on the same machine is believed. True for a service, whose gateway is there in development; the gateway itself
    /// sets it to false, because what connects to it from loopback need not be a proxy.
    /// </summary>
    public bool TrustLoopback { get; set; } = true;
}

/// <summary>Makes <c>Connection.RemoteIpAddress</c>, <c>Request.Scheme</c> and <c>Request.Host</c> those of the client.</summary>
internal static class TrustedProxies
{
    internal static void AddTrustedProxies(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddOptions<TrustedProxyOptions>()
            .BindConfiguration(TrustedProxyOptions.SectionName)
            .Validate(options => options.KnownProxies.All(proxy => IPAddress.TryParse(proxy, out _)), "ForwardedHeaders:KnownProxies holds something that is not an IP address.")
            .Validate(options => options.KnownNetworks.All(network => IPNetwork.TryParse(network, out _)), "ForwardedHeaders:KnownNetworks holds something that is not a network such as 10.0.0.0/8.")
            .Validate(options => options.ForwardLimit is >= 1 and <= 10, "ForwardedHeaders:ForwardLimit must be from 1 to 10.")
            .ValidateOnStart();
        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<TrustedProxyOptions>>(Configure);
    }

    private static void Configure(ForwardedHeadersOptions options, IOptions<TrustedProxyOptions> trusted)
    {
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in trusted.Value.KnownProxies)
        {
            options.KnownProxies.Add(IPAddress.Parse(proxy));
        }

        foreach (var network in trusted.Value.KnownNetworks)
        {
            options.KnownIPNetworks.Add(IPNetwork.Parse(network));
        }

        if (trusted.Value.TrustLoopback)
        {
            options.KnownProxies.Add(IPAddress.IPv6Loopback);
            options.KnownIPNetworks.Add(new IPNetwork(IPAddress.Parse("127.0.0.0"), 8));
        }

        // The middleware takes two empty lists as "believe everybody", the opposite of what they say here.
        options.ForwardedHeaders = options.KnownProxies.Count + options.KnownIPNetworks.Count == 0
            ? ForwardedHeaders.None
            : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
        options.ForwardLimit = trusted.Value.ForwardLimit;
    }
}
