using System.Globalization;
using System.Net;

namespace BotGeneric.Gateway.Tests.Support;

/// <summary>Requests from an address of one's own, through a proxy that the gateway trusts.</summary>
internal static class LimitedRequests
{
    internal static Task<EdgeWorld> WorldAsync(params (string Name, int Requests)[] limits) => EdgeWorld.StartAsync(gateway => Limited(gateway, limits));

    internal static GatewayApplication Limited(GatewayApplication gateway, params (string Name, int Requests)[] limits)
    {
        gateway.Set("ForwardedHeaders:KnownNetworks:0", "127.0.0.0/8");
        foreach (var (name, requests) in limits)
        {
            gateway.Set($"RateLimits:{name}:Requests", requests.ToString(CultureInfo.InvariantCulture));
            // However slow the machine is, no request comes back into a limit during a test.
            gateway.Set($"RateLimits:{name}:Period", "01:00:00");
        }

        return gateway;
    }

    // Another one for each test: the counters of all of them are in one Redis.
    internal static string Address() => new IPAddress([10, .. Guid.NewGuid().ToByteArray().AsSpan(13, 3)]).ToString();

    internal static Task<HttpResponseMessage> GetAsync(HttpClient client, string path, string address, string? key = null, string? cookie = null) =>
        SendAsync(client, HttpMethod.Get, path, address, key, cookie);

    internal static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string address) => SendAsync(client, HttpMethod.Post, path, address, key: null, cookie: null);

    internal static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    internal static long Number(HttpResponseMessage response, string name) => long.Parse(Header(response, name)!, CultureInfo.InvariantCulture);

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string path, string address, string? key, string? cookie)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("X-Forwarded-For", address);
        request.Headers.Add("X-Forwarded-Proto", "http");
        request.Headers.Add("X-Forwarded-Host", "bot.test");
        if (key is not null)
        {
            request.Headers.Add("X-Api-Key", key);
        }

        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        }

        return await client.SendAsync(request);
    }
}
