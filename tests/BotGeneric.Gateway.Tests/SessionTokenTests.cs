using System.Net;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Gateway.Revocation;
using BotGeneric.Gateway.Tests.Support;
using BotGeneric.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Gateway.Tests;

public sealed class SessionTokenTests : IAsyncLifetime
{
    // Less than what a token must still have before it, and otherwise as long as a slow machine may need.
    private static readonly TimeSpan ExpiringSoon = TimeSpan.FromSeconds(59);
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);

    private EdgeWorld _world = null!;

    public async Task InitializeAsync()
    {
        _world = await EdgeWorld.StartAsync();
        _world.Identity.TokenLifetime = ExpiringSoon;
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_hundred_requests_at_once_exchange_an_expiring_token_once()
    {
        using var browser = await SignedInAsync();
        _world.Identity.TokenLifetime = Fresh;

        var statuses = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => StatusAsync(browser)));

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(1, _world.Identity.Refreshes);
    }

    [Fact]
    public async Task Two_gateways_exchange_it_once_between_them_and_neither_uses_the_old_one_again()
    {
        using var browser = await SignedInAsync();
        using var other = _world.Browser(_world.AddGateway());
        other.Cookies["session"] = browser.SessionCookie!;
        _world.Identity.TokenLifetime = Fresh;

        var statuses = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => StatusAsync(number % 2 == 0 ? browser : other)));

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(1, _world.Identity.Refreshes);
        Assert.Equal(0, _world.Identity.Reuses);
    }

    [Fact]
    public async Task A_session_whose_refresh_is_refused_is_over()
    {
        using var browser = await SignedInAsync();
        _world.Identity.RefusesRefresh = true;

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(browser));

        Assert.Null(browser.SessionCookie);
        using var page = await browser.GetAsync("/app", request => request.Headers.Accept.ParseAdd("text/html"));
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(401)]
    [InlineData(429)]
    public async Task While_identity_is_away_a_token_is_used_as_long_as_it_is_valid(int status)
    {
        using var browser = await SignedInAsync();
        _world.Identity.TokenStatus = status;

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(browser));

        _world.Identity.TokenStatus = null;
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(browser));
        Assert.Equal(0, _world.Identity.Reuses);
    }

    [Fact]
    public async Task Without_a_valid_token_and_without_identity_the_answer_is_503_and_the_session_stays()
    {
        _world.Identity.TokenLifetime = TimeSpan.FromSeconds(1);
        using var browser = await SignedInAsync();
        _world.Identity.TokenStatus = 500;

        using var unavailable = await Eventually.GetAsync(
            () => browser.GetAsync("/api/subscriptions"), response => response.StatusCode != HttpStatusCode.OK, "the token to expire");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unavailable.StatusCode);
        Assert.NotNull(unavailable.Headers.RetryAfter);

        _world.Identity.TokenStatus = null;
        _world.Identity.TokenLifetime = Fresh;
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(browser));
    }

    [Fact]
    public async Task A_revocation_during_an_exchange_wins()
    {
        await EdgeWorld.HearsAsync(_world.Gateway);
        using var browser = await SignedInAsync();
        var session = _world.Identity.Sessions.Last();
        var arrived = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        _world.Identity.TokenLifetime = Fresh;
        _world.Identity.BeforeToken = () =>
        {
            arrived.TrySetResult();
            return goOn.Task;
        };

        var pending = StatusAsync(browser);
        await arrived.Task;
        using var other = _world.Browser(_world.AddGateway());
        other.Cookies["session"] = browser.SessionCookie!;
        await EdgeWorld.SayAsync(new SessionsRevoked
        {
            EventId = Guid.CreateVersion7(),
            OccurredAt = TimeProvider.System.GetUtcNow(),
            UserId = _world.Identity.Subject,
            SessionIds = [session],
        });
        // The ticket is gone for every gateway once one has heard it.
        await Eventually.EqualAsync(HttpStatusCode.Unauthorized, () => StatusAsync(other), "the session to be deleted");
        goOn.SetResult();

        Assert.Equal(HttpStatusCode.Unauthorized, await pending);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(browser));
        Assert.Single(_world.Identity.Revoked);
    }

    [Fact]
    public async Task What_was_changed_in_a_session_shows_at_its_next_request_at_every_gateway_and_is_asked_for_once()
    {
        _world.Identity.TokenLifetime = Fresh;
        var second = _world.AddGateway();
        await EdgeWorld.HearsAsync(_world.Gateway);
        await EdgeWorld.HearsAsync(second);
        using var browser = await SignedInAsync();
        using var other = _world.Browser(second);
        other.Cookies["session"] = browser.SessionCookie!;
        using var unconcerned = await SignedInAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(browser));
        var before = _world.LastToken;

        await ChangeAsync(_world.Identity.Sessions.First(), _world.Gateway, second);
        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => StatusAsync(number % 2 == 0 ? browser : other)));

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.All(_world.Service.Requests.TakeLast(20), request => Assert.NotEqual($"Bearer {before}", request.Headers["Authorization"]));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(unconcerned));
        Assert.Equal(1, _world.Identity.Refreshes);
        Assert.Equal(0, _world.Identity.Reuses);
    }

    [Fact]
    public async Task A_token_that_says_what_is_not_so_any_more_is_not_used_while_identity_is_away()
    {
        _world.Identity.TokenLifetime = Fresh;
        await EdgeWorld.HearsAsync(_world.Gateway);
        using var browser = await SignedInAsync();
        await ChangeAsync(_world.Identity.Sessions.Last(), _world.Gateway);
        _world.Identity.TokenStatus = 500;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(browser));

        _world.Identity.TokenStatus = null;
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(browser));
    }

    [Fact]
    public async Task A_change_during_an_exchange_leads_to_another()
    {
        await EdgeWorld.HearsAsync(_world.Gateway);
        using var browser = await SignedInAsync();
        var arrived = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        _world.Identity.TokenLifetime = Fresh;
        _world.Identity.BeforeToken = () =>
        {
            arrived.TrySetResult();
            return goOn.Task;
        };

        var pending = StatusAsync(browser);
        await arrived.Task;
        await ChangeAsync(_world.Identity.Sessions.Last(), _world.Gateway);
        goOn.SetResult();

        Assert.Equal(HttpStatusCode.OK, await pending);
        Assert.Equal(2, _world.Identity.Refreshes);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(browser));
        Assert.Equal(2, _world.Identity.Refreshes);
    }

    private async Task ChangeAsync(Guid session, params IEnumerable<GatewayApplication> gateways)
    {
        await EdgeWorld.SayAsync(new SessionChanged
        {
            EventId = Guid.CreateVersion7(),
            OccurredAt = TimeProvider.System.GetUtcNow(),
            UserId = _world.Identity.Subject,
            SessionId = session,
        });
        foreach (var gateway in gateways)
        {
            var revocations = gateway.Services.GetRequiredService<Revocations>();
            await Eventually.EqualAsync(
                true, () => Task.FromResult(revocations.IsOutdated(session.ToString(), DateTimeOffset.MinValue)), "the gateway to hear of the change");
        }
    }

    private async Task<Browser> SignedInAsync()
    {
        var browser = _world.Browser();
        // Straight to a file that looks nobody up, so that the token is exchanged by the test and not by the sign-in.
        (await browser.SignInAsync("/robots.txt")).Dispose();
        Assert.Equal(0, _world.Identity.Refreshes);
        return browser;
    }

    private static async Task<HttpStatusCode> StatusAsync(Browser browser)
    {
        using var response = await browser.GetAsync("/api/subscriptions");
        return response.StatusCode;
    }
}
