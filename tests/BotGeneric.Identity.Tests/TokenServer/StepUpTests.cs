using System.Net;
using System.Net.Http.Headers;
using BotGeneric.Contracts.Identity;

namespace BotGeneric.Identity.Tests.TokenServer;

/// <summary>What admins show before dangerous acts.</summary>
public sealed class StepUpTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>
{
    private readonly Flow _gateway = new(identity.CreateClient());

    [Fact]
    public async Task A_dangerous_act_demands_the_second_factor_again_and_no_other_credential_does()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync(isAdmin: true), "pwd", "otp", "mfa");
        var person = await identity.AddUserAsync();
        var tokens = await _gateway.SignInAsync(browser);
        using var atOnce = await RevokeSessionsAsync(tokens.AccessToken);
        identity.Clock.Advance(TimeSpan.FromMinutes(16));

        await TokenServerApplication.ConfirmAsync(browser, "pwd");
        tokens = await _gateway.RefreshAsync(tokens.RefreshToken);
        using var byPassword = await RevokeSessionsAsync(tokens.AccessToken);
        await TokenServerApplication.ConfirmAsync(browser, "google");
        tokens = await _gateway.RefreshAsync(tokens.RefreshToken);
        using var byProvider = await RevokeSessionsAsync(tokens.AccessToken);
        await TokenServerApplication.ConfirmAsync(browser, "otp", "mfa");
        tokens = await _gateway.RefreshAsync(tokens.RefreshToken);
        using var byFactor = await RevokeSessionsAsync(tokens.AccessToken);

        Assert.Equal(HttpStatusCode.NoContent, atOnce.StatusCode);
        Assert.All([byPassword, byProvider], refused =>
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Contains("acr_values=\"urn:botgeneric:acr:mfa\"", refused.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        });
        Assert.Equal(HttpStatusCode.NoContent, byFactor.StatusCode);

        async Task<HttpResponseMessage> RevokeSessionsAsync(string token)
        {
            using var api = identity.CreateClient();
            api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return await api.PostAsync(new Uri($"/api/admin/users/{person.Id}/sessions/revoke", UriKind.Relative), null);
        }
    }

    [Fact]
    public async Task Only_tokens_of_admins_say_when()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync(), "pwd", "otp", "mfa");

        var tokens = await _gateway.SignInAsync(browser);

        Assert.False(tokens.Access.TryGetPayloadValue<object>(ApiClaims.StepUpTime, out _));
    }

    [Fact]
    public async Task With_max_age_it_is_the_second_factor_that_must_be_recent()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync(), "pwd", "otp", "mfa");
        var request = Flow.Request(("acr_values", "urn:botgeneric:acr:mfa"), ("max_age", "900"));
        using var recent = await Flow.AuthorizeAsync(browser, request);
        Assert.True(Flow.Answer(recent).ContainsKey("code"));
        identity.Clock.Advance(TimeSpan.FromMinutes(16));
        await TokenServerApplication.ConfirmAsync(browser, "pwd");

        using var asked = await Flow.AuthorizeAsync(browser, request);

        var page = asked.Headers.Location!.ToString();
        Assert.StartsWith("/account/confirm?", page, StringComparison.Ordinal);
        Assert.Contains("factor=mfa", page, StringComparison.Ordinal);
    }
}
