using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Access.Tests.Walk;

/// <summary>
/// Goes over the pages of a service that demand a session of the browser. They have no document: the routes say where they are.
/// </summary>
/// <param name="services">The service's own services.</param>
internal sealed partial class PageWalk(IServiceProvider services)
{
    private const string SessionScheme = "session";

    private readonly List<string> _findings = [];

    /// <summary>What is wrong, one sentence each.</summary>
    public IReadOnlyList<string> Findings => _findings;

    /// <summary>Whether an endpoint is for browsers in which somebody is signed in, and for nothing else: a token opens none.</summary>
    /// <param name="policy">What the endpoint demands.</param>
    public static bool IsPage(AuthorizationPolicy? policy) =>
        policy is not null && policy.AuthenticationSchemes is [SessionScheme] && policy.Requirements.OfType<DenyAnonymousAuthorizationRequirement>().Any();

    /// <summary>Opens and posts every page with no session and with tokens.</summary>
    /// <param name="client">A client without cookies that follows no redirect.</param>
    /// <returns>How many pages there are.</returns>
    public async Task<int> TryWithoutSessionAsync(HttpClient client)
    {
        var pages = await PagesAsync();
        foreach (var (method, pattern) in pages)
        {
            foreach (var token in new[] { null, TestToken.Operator })
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), Address(pattern, new Dictionary<string, string>()));
                if (token is not null)
                {
                    var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.Issue(token, now));
                }

                using var response = await client.SendAsync(request);
                var isSentAway = response.StatusCode == HttpStatusCode.Unauthorized
                    || (response.StatusCode == HttpStatusCode.Redirect && response.Headers.Location?.AbsolutePathOrSelf() == "/login");
                if (!isSentAway)
                {
                    _findings.Add($"{method} {pattern} answered {(int)response.StatusCode} {(token is null ? "without a session" : "to a token")}.");
                }
            }
        }

        return pages.Count;
    }

    /// <summary>Opens and posts every page in the browser of a stranger, with the ids of somebody else's things.</summary>
    /// <param name="browser">The stranger's browser; follows no redirect.</param>
    /// <param name="probe">Whose things there are; ids by route pattern, as the route has it.</param>
    /// <param name="home">A page of the stranger's with a form.</param>
    public async Task TryAsStrangerAsync(HttpClient browser, Probe probe, string home)
    {
        // First what leads to somebody's things; what ends the stranger's own session comes last.
        var pages = (await PagesAsync()).OrderByDescending(page => page.Pattern.Contains('{', StringComparison.Ordinal)).ToList();
        foreach (var (method, pattern) in pages.Where(page => !page.Pattern.EndsWith("sign-out", StringComparison.Ordinal)))
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Address(pattern, probe.Ids));
            if (method == "POST")
            {
                var token = AntiforgeryField().Match(await browser.GetStringAsync(home)).Groups["token"].Value;
                Assert.NotEmpty(token);
                request.Headers.Add("RequestVerificationToken", token);
                request.Content = new FormUrlEncodedContent(
                [
                    new("__RequestVerificationToken", token), new("name", probe.Trace), new("displayName", probe.Trace), new("role", "admin"),
                    new("email", "walk@example.test"), new("userId", probe.Account.ToString()), new("organizationId", probe.Account.ToString()),
                    new("id", probe.Account.ToString()), new("language", "en"), new("timeZone", "Etc/UTC"),
                ]);
            }

            using var response = await browser.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            var isOthers = probe.Ids.Keys.Any(known => Regex.Replace(pattern, ":\\w+}", "}").StartsWith(known, StringComparison.Ordinal));
            if (response.StatusCode >= HttpStatusCode.InternalServerError
                || (isOthers && response.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.Forbidden or HttpStatusCode.Redirect or HttpStatusCode.SeeOther)))
            {
                _findings.Add($"{method} {pattern} answered {(int)response.StatusCode} to a stranger.");
            }

            if (text.Contains(probe.Marker, StringComparison.OrdinalIgnoreCase))
            {
                _findings.Add($"{method} {pattern} shows a stranger what belongs to another account.");
            }
        }
    }

    private static string Address(string pattern, IReadOnlyDictionary<string, string> ids)
    {
        var plain = Regex.Replace(pattern, @"\{(\w+)[^}]*\}", "{$1}");
        return Regex.Replace(plain, @"\{\w+\}", match =>
            ids.GetValueOrDefault(plain[..(match.Index + match.Length)]) ?? Guid.CreateVersion7().ToString());
    }

    private async Task<IReadOnlyList<(string Method, string Pattern)>> PagesAsync()
    {
        var policies = services.GetRequiredService<IAuthorizationPolicyProvider>();
        var pages = new List<(string, string)>();
        foreach (var endpoint in services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            {
                continue;
            }

            var policy = await AuthorizationPolicy.CombineAsync(
                policies, endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>(), endpoint.Metadata.GetOrderedMetadata<AuthorizationPolicy>());
            if (IsPage(policy))
            {
                pages.AddRange((endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
                    .Select(method => (method, "/" + endpoint.RoutePattern.RawText?.TrimStart('/'))));
            }
        }

        return pages;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"(?<token>[^\"]+)\"|value=\"(?<token>[^\"]+)\"[^>]*name=\"__RequestVerificationToken\"")]
    private static partial Regex AntiforgeryField();
}

internal static class Addresses
{
    /// <summary>The path of an absolute or relative address.</summary>
    internal static string AbsolutePathOrSelf(this Uri address) =>
        address.IsAbsoluteUri ? address.AbsolutePath : address.OriginalString.Split('?')[0];
}
