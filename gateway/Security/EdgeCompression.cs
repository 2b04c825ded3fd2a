using System.IO.Compression;
using BotGeneric.Gateway.Routing;
using Microsoft.AspNetCore.ResponseCompression;
using Yarp.ReverseProxy.Model;

namespace BotGeneric.Gateway.Security;

/// <summary>
/// Compresses answers, except where that is wrong: streams, because a compressor holds events back; and answers to a browser that
/// sends credentials by itself. Whoever can make a signed-in browser ask for a page that repeats a word of his beside a secret could
/// guess the secret from the compressed length (BREACH). A request without cookies cannot be abused that way, so API clients and
/// anonymous visitors get compressed answers, over TLS too.
/// </summary>
internal static class EdgeCompression
{
    // Remembers a choice of words, says nothing about who somebody is.
    private static readonly string[] HarmlessCookies = ["lang", "theme"];

    internal static void AddEdgeCompression(this WebApplicationBuilder builder)
    {
        builder.Services.AddResponseCompression(options =>
        {
            options.EnableForHttps = true;
            options.Providers.Add<BrotliCompressionProvider>();
            options.Providers.Add<GzipCompressionProvider>();
            options.MimeTypes =
            [
                .. ResponseCompressionDefaults.MimeTypes, "application/problem+json",
                "image/svg+xml", "text/csv", "text/javascript",
            ];
        });
        builder.Services.Configure<BrotliCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
        builder.Services.Configure<GzipCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
    }

    internal static void UseEdgeCompression(this WebApplication app) =>
        app.UseWhen(MayCompress, branch => branch.UseResponseCompression());

    private static bool MayCompress(HttpContext context) =>
        context.Request.Headers.AcceptEncoding.Count > 0 && HasOnlyHarmlessCookies(context.Request) && !IsStream(context);

    private static bool HasOnlyHarmlessCookies(HttpRequest request) =>
        request.Headers.Cookie.Count == 0
        || request.Cookies.Keys.All(cookie => HarmlessCookies.Contains(cookie, StringComparer.Ordinal));

    private static bool IsStream(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>()?.Config.Metadata?.ContainsKey(ProxyConfiguration.Streaming) is true;
}
