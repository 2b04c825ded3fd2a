using System.Net;
using Microsoft.Net.Http.Headers;

namespace BotGeneric.Gateway.Tests.Support;

/// <summary>A browser in front of a gateway: keeps cookies, follows nothing by itself, and takes the public origin for the gateway.</summary>
public sealed class Browser(HttpClient client, string origin = "http://bot.test") : IDisposable
{
    public Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>The latest <c>Set-Cookie</c> lines.</summary>
    public IReadOnlyList<SetCookieHeaderValue> SetCookies { get; private set; } = [];

    public string? SessionCookie => Cookies.GetValueOrDefault("session") ?? Cookies.GetValueOrDefault("__Host-session");

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string address, Action<HttpRequestMessage>? prepare = null)
    {
        var path = address.StartsWith(origin + "/", StringComparison.Ordinal) ? address[origin.Length..] : address;
        Assert.StartsWith("/", path, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(method, path);
        if (Cookies.Count > 0)
        {
            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        }

        if (origin.StartsWith("https", StringComparison.Ordinal))
        {
            request.Headers.Add("X-Forwarded-Proto", "https");
            request.Headers.Add("X-Forwarded-Host", new Uri(origin).Host);
            request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        }

        prepare?.Invoke(request);
        var response = await client.SendAsync(request);
        Keep(response);
        return response;
    }

    public Task<HttpResponseMessage> GetAsync(string address, Action<HttpRequestMessage>? prepare = null) => SendAsync(HttpMethod.Get, address, prepare);

    /// <summary>Signs in and ends where the gateway leads.</summary>
    public async Task<HttpResponseMessage> SignInAsync(string returnUrl = "/app")
    {
        var next = $"/session/login?returnUrl={Uri.EscapeDataString(returnUrl)}";
        for (var step = 0; step < 3; step++)
        {
            using var response = await GetAsync(next);
            Assert.True(response.StatusCode == HttpStatusCode.Redirect, $"{next}: {response.StatusCode} {await response.Content.ReadAsStringAsync()}");
            next = response.Headers.Location!.ToString();
        }

        Assert.Equal(returnUrl, next);
        return await GetAsync(next);
    }

    public void Dispose() => client.Dispose();

    private void Keep(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Set-Cookie", out var lines))
        {
            return;
        }

        SetCookies = [.. SetCookieHeaderValue.ParseList([.. lines])];
        foreach (var cookie in SetCookies)
        {
            if (cookie.Expires is { } expires && expires < TimeProvider.System.GetUtcNow())
            {
                Cookies.Remove(cookie.Name.ToString());
            }
            else
            {
                Cookies[cookie.Name.ToString()] = cookie.Value.ToString();
            }
        }
    }
}
