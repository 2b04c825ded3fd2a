using System.Net;
using System.Text.RegularExpressions;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Identity.Tests.TokenServer;
using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Impersonation;

/// <summary>What an admin who acts as somebody else can do on the pages: look.</summary>
public sealed partial class ImpersonationGateTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>
{
    // Whoever adds one says here, in a change that somebody reviews, why it changes nothing of the person's.
    private static readonly string[] Harmless =
    [
        "/account/impersonation/end", // The way out.
        "/account/organizations/select", // In whose name this one session acts.
        "/account/sign-out", // Ends this session and the admin's own.
        "/connect/endsession",
        "/connect/logout",
    ];

    // Answered by the credentials of a client or a token, not by a cookie.
    private static readonly string[] OfClients = ["/connect/token", "/connect/userinfo"];

    [Fact]
    public async Task Every_form_is_refused_but_those_that_change_nothing()
    {
        using var browser = await ActAsync();
        var allowed = new List<string>();
        var refused = 0;
        foreach (var endpoint in Endpoints().Where(endpoint => Methods(endpoint).Any(IsUnsafe)))
        {
            var path = endpoint.RoutePattern.RawText!;
            if (endpoint.Metadata.GetMetadata<AllowedWhileImpersonating>() is not null)
            {
                allowed.Add(path);
                continue;
            }

            if (OfClients.Contains(path))
            {
                continue;
            }

            using var content = new FormUrlEncodedContent([]);
            using var answer = await browser.Client.PostAsync(new Uri(Filled(path), UriKind.Relative), content);
            Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"POST {path} answered {(int)answer.StatusCode}.");
            Assert.Contains("acting as this person", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            refused++;
        }

        Assert.Equal(Harmless, allowed.Order(StringComparer.Ordinal));
        Assert.True(refused > 60, $"Only {refused} forms were found.");
    }

    [Theory]
    [InlineData("/account/confirm")]
    [InlineData("/login/external/google")]
    [InlineData("/account/external/google/callback?code=x&state=y")]
    [InlineData("/account/external/apple/complete")]
    public async Task A_page_that_leads_to_a_credential_is_refused(string address)
    {
        using var browser = await ActAsync();
        using var answer = await browser.GetAsync(address);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_script_is_told_in_json()
    {
        using var browser = await ActAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/account/confirm/passkey/options");
        using var answer = await browser.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    private async Task<Browser> ActAsync()
    {
        var person = await identity.AddUserAsync();
        var browser = await identity.SignInAsync(await identity.AddUserAsync(isAdmin: true), "pwd", "otp", "mfa");
        using var started = await browser.SubmitAsync(
            $"/account/admin/users/{person.Id}", $"/account/admin/users/{person.Id}/impersonate", ("reason", "test"));
        Assert.Equal(HttpStatusCode.Found, started.StatusCode);
        return browser;
    }

    private IEnumerable<RouteEndpoint> Endpoints() => identity.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(endpoint => endpoint.RoutePattern.RawText?.StartsWith("/api", StringComparison.Ordinal) == false);

    private static IReadOnlyList<string> Methods(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];

    private static bool IsUnsafe(string method) => !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method);

    private static string Filled(string pattern) => Places().Replace(pattern, place => place.Value.Contains("guid", StringComparison.Ordinal) ? $"{Guid.NewGuid()}" : "google");

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Places();
}
