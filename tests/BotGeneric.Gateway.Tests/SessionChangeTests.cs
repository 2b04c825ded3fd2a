using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;

namespace BotGeneric.Gateway.Tests;

/// <summary>What Identity changes in the caller's session holds from its answer on. Nothing here waits, and no event is heard.</summary>
public sealed class SessionChangeTests : IAsyncLifetime
{
    private EdgeWorld _world = null!;

    public async Task InitializeAsync() => _world = await EdgeWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_choice_is_answered_when_the_next_request_at_any_gateway_is_made_with_it()
    {
        using var browser = await SignedInAsync();
        using var other = _world.Browser(_world.AddGateway());
        other.Cookies["session"] = browser.SessionCookie!;

        for (var round = 0; round < 10; round++)
        {
            var organization = Guid.CreateVersion7().ToString();
            using var answer = await SelectAsync(round % 2 == 0 ? browser : other, organization);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains(organization, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.False(answer.Headers.Contains(InternalHeaders.SessionChanged));
            Assert.Equal(organization, await OrganizationAsync(browser));
            Assert.Equal(organization, await OrganizationAsync(other));
        }

        Assert.Equal(10, _world.Identity.Refreshes);
        Assert.Equal(0, _world.Identity.Reuses);
    }

    [Fact]
    public async Task An_exchange_that_was_under_way_during_the_choice_is_followed_by_another_one()
    {
        _world.Identity.TokenLifetime = TimeSpan.FromSeconds(30);
        using var browser = await SignedInAsync();
        using var other = _world.Browser(_world.AddGateway());
        other.Cookies["session"] = browser.SessionCookie!;
        var (arrived, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        _world.Identity.TokenLifetime = TimeSpan.FromMinutes(5);
        _world.Identity.BeforeToken = () =>
        {
            arrived.TrySetResult();
            return goOn.Task;
        };

        // The token of before is exchanged at one gateway, which asked before the choice that the other one passes on.
        var exchanging = browser.GetAsync("/api/subscriptions");
        await arrived.Task;
        var organization = Guid.CreateVersion7().ToString();
        using var direct = new HttpClient { BaseAddress = new Uri(_world.Identity.Address) };
        direct.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(_world.Identity.Sessions.Last()));
        (await direct.PostAsync(new Uri($"/api/organizations/{organization}/select", UriKind.Relative), null)).Dispose();
        var choosing = SelectAsync(other, organization);
        goOn.SetResult();
        (await exchanging).Dispose();
        using var chosen = await choosing;

        Assert.Equal(HttpStatusCode.OK, chosen.StatusCode);
        Assert.Equal(organization, await OrganizationAsync(browser));
        Assert.Equal(organization, await OrganizationAsync(other));
        Assert.Equal(0, _world.Identity.Reuses);
    }

    [Fact]
    public async Task Choices_and_requests_at_once_leave_the_session_as_it_was_chosen_last()
    {
        using var browser = await SignedInAsync();
        using var other = _world.Browser(_world.AddGateway());
        other.Cookies["session"] = browser.SessionCookie!;

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async number =>
        {
            var mine = number % 2 == 0 ? browser : other;
            using var answer = number % 4 < 2 ? await SelectAsync(mine, Guid.CreateVersion7().ToString()) : await mine.GetAsync("/api/subscriptions");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }));
        var last = Guid.CreateVersion7().ToString();
        (await SelectAsync(browser, last)).Dispose();

        Assert.Equal(last, await OrganizationAsync(other));
        Assert.Equal(0, _world.Identity.Reuses);
    }

    [Fact]
    public async Task When_the_session_cannot_follow_the_answer_says_so_the_old_token_is_not_used_and_repeating_it_helps()
    {
        using var browser = await SignedInAsync();
        var organization = Guid.CreateVersion7().ToString();
        _world.Identity.TokenStatus = 500;

        using var behind = await SelectAsync(browser, organization);
        using var meanwhile = await browser.GetAsync("/api/subscriptions");
        _world.Identity.TokenStatus = null;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, behind.StatusCode);
        Assert.NotNull(behind.Headers.RetryAfter);
        Assert.Contains("The change was made", await behind.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, meanwhile.StatusCode);

        using var repeated = await SelectAsync(browser, organization);
        Assert.Equal(HttpStatusCode.OK, repeated.StatusCode);
        Assert.Equal(organization, await OrganizationAsync(browser));
    }

    [Fact]
    public async Task A_session_that_ended_meanwhile_gets_the_answer_and_is_over()
    {
        using var browser = await SignedInAsync();
        _world.Identity.RefusesRefresh = true;

        using var answer = await SelectAsync(browser, Guid.CreateVersion7().ToString());
        using var next = await browser.GetAsync("/api/subscriptions");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, next.StatusCode);
    }

    [Fact]
    public async Task Only_identity_says_that_a_session_changed_and_nobody_outside_hears_it()
    {
        await using var forger = await StubService.StartAsync(context =>
        {
            context.Response.Headers[InternalHeaders.SessionChanged] = _world.Identity.Sessions.Last().ToString();
            return context.Response.WriteAsync("forged");
        });
        using var browser = await SignedInAsync(_world.AddGateway(gateway => gateway.With(ServiceNames.Billing, forger.Address)));
        using var program = _world.Gateway.CreateVisitor();
        program.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(_world.Identity.Sessions.Last()));

        using var forged = await browser.GetAsync("/api/subscriptions");
        using var chosen = await program.PostAsync(new Uri($"/api/organizations/{Guid.CreateVersion7()}/select", UriKind.Relative), null);

        Assert.Equal("forged", await forged.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, chosen.StatusCode);
        Assert.All([forged, chosen], answer => Assert.False(answer.Headers.Contains(InternalHeaders.SessionChanged)));
        Assert.Equal(0, _world.Identity.Refreshes);
    }

    private string TokenOf(Guid session) => _world.Identity.AccessToken(
        new Claim("sub", _world.Identity.Subject.ToString()), new Claim("sid", session.ToString()), new Claim("scope", ApiScopes.OrganizationsWrite));

    private async Task<Browser> SignedInAsync(GatewayApplication? gateway = null)
    {
        var browser = _world.Browser(gateway);
        (await browser.SignInAsync("/robots.txt")).Dispose();
        return browser;
    }

    private static Task<HttpResponseMessage> SelectAsync(Browser browser, string organization) => browser.SendAsync(
        HttpMethod.Post, $"/api/organizations/{organization}/select", request => request.Headers.Add("X-CSRF", "1"));

    private async Task<string?> OrganizationAsync(Browser browser)
    {
        using var response = await browser.GetAsync("/api/subscriptions");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new JsonWebToken(_world.LastToken).TryGetPayloadValue<string>(ApiClaims.Organization, out var organization) ? organization : null;
    }
}
