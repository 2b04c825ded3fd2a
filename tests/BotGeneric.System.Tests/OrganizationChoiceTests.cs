using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Testing;

namespace BotGeneric.System.Tests;

/// <summary>In whose name a session acts, with the real Identity behind two gateways. Nothing here waits.</summary>
[Collection(RunningSystem.Collection)]
public sealed class OrganizationChoiceTests(RunningSystem system)
{
    [Fact]
    public async Task Whoever_chose_an_organization_acts_in_its_name_with_the_next_request_at_every_gateway()
    {
        await using var replica = await Replica.StartAsync(system.Application, "gateway");
        var cookies = new CookieContainer();
        using var browser = new Browser(Visitor(system.Application.Gateway, cookies));
        await SignInAsync(browser);
        var session = cookies.GetCookies(system.Application.Gateway)["session"] ?? throw new InvalidOperationException("There is no session.");
        var elsewhere = new CookieContainer();
        elsewhere.Add(new Cookie("session", session.Value, "/", replica.Address.Host));
        using var other = Visitor(replica.Address, elsewhere);
        browser.Client.DefaultRequestHeaders.Add("X-CSRF", "1");
        other.DefaultRequestHeaders.Add("X-CSRF", "1");
        var organizations = new List<Guid> { await CreateAsync(browser.Client, "One"), await CreateAsync(browser.Client, "Two") };

        for (var round = 0; round < 20; round++)
        {
            var organization = organizations[round % 2];
            var (chosenAt, readAt) = round % 4 < 2 ? (browser.Client, other) : (other, browser.Client);
            using var chosen = await chosenAt.PostAsync(new Uri($"/api/organizations/{organization}/select", UriKind.Relative), null);
            Assert.Equal(HttpStatusCode.OK, chosen.StatusCode);
            Assert.Equal(organization, await AccountAsync(readAt));
            Assert.Equal(organization, await AccountAsync(chosenAt));
        }

        // By a form of a page too.
        using var own = await browser.SubmitAsync("/account/organizations", "/account/organizations/select", ("organization", "personal"));
        Assert.Equal(HttpStatusCode.Found, own.StatusCode);
        Assert.DoesNotContain(await AccountAsync(other), organizations);
    }

    private static HttpClient Visitor(Uri address, CookieContainer cookies) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies }) { BaseAddress = address };

    // As a browser goes: to Identity's page, to the application, and back with the code.
    private async Task SignInAsync(Browser browser)
    {
        var parameters = system.Application.State.Parameters;
        using var signedIn = await browser.SubmitAsync(
            "/login", null, ("email", parameters["development-admin-email"]), ("password", parameters["development-admin-password"]));
        Assert.Equal(HttpStatusCode.Found, signedIn.StatusCode);
        var next = "/session/login?returnUrl=%2Frobots.txt";
        while (!next.EndsWith("/robots.txt", StringComparison.Ordinal))
        {
            using var step = await browser.GetAsync(next);
            Assert.True(step.Headers.Location is not null, $"{next}: {(int)step.StatusCode}");
            next = step.Headers.Location.OriginalString;
        }
    }

    private static async Task<Guid> CreateAsync(HttpClient client, string name)
    {
        using var created = await client.PostAsJsonAsync("/api/organizations", new { name });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        return (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    // Another service says for whom it answers: what it was told is the token's word alone.
    private static async Task<Guid> AccountAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement>("/api/policy/limits")).GetProperty("account").GetGuid();
}
