using Microsoft.AspNetCore.WebUtilities;

namespace BotGeneric.Identity.Tests.TokenServer;

/// <summary>Who is asked to sign in, and when: <c>prompt</c>, <c>max_age</c>, <c>acr_values</c>, hints.</summary>
public sealed class PromptTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>
{
    private readonly Flow _gateway = new(identity.CreateClient());

    [Fact]
    public async Task Without_a_session_prompt_none_is_refused()
    {
        using var browser = identity.OpenBrowser();

        using var response = await Flow.AuthorizeAsync(browser, Flow.Request(("prompt", "none")));

        Assert.Equal("login_required", Flow.Answer(response)["error"]);
    }

    [Fact]
    public async Task With_a_session_prompt_none_gives_a_code()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());

        Assert.NotEmpty(await Flow.CodeAsync(browser, ("prompt", "none")));
    }

    [Fact]
    public async Task A_session_that_was_ended_is_none()
    {
        var user = await identity.AddUserAsync();
        using var browser = await identity.SignInAsync(user);
        await identity.ChangeAsync(user.Id, locked => locked.Lock(identity.Clock.GetUtcNow(), "test"));

        using var response = await Flow.AuthorizeAsync(browser, Flow.Request(("prompt", "none")));

        Assert.Equal("login_required", Flow.Answer(response)["error"]);
    }

    [Theory]
    [InlineData("prompt", "login")]
    [InlineData("max_age", "0")]
    [InlineData("max_age", "60")]
    public async Task A_new_credential_is_demanded_and_its_time_is_in_the_token(string name, string value)
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        identity.Clock.Advance(TimeSpan.FromMinutes(5));

        using var first = await Flow.AuthorizeAsync(browser, Flow.Request((name, value)));
        var page = first.Headers.Location!.ToString();
        Assert.StartsWith("/account/confirm?", page, StringComparison.Ordinal);
        var back = QueryHelpers.ParseQuery(page.Split('?', 2)[1])["returnUrl"].ToString();

        // Going back without having shown anything leads to the same page.
        using var second = await Flow.AuthorizeAsync(browser, back);
        Assert.StartsWith("/account/confirm?", second.Headers.Location!.ToString(), StringComparison.Ordinal);

        identity.Clock.Advance(TimeSpan.FromSeconds(20));
        await TokenServerApplication.ConfirmAsync(browser);
        var confirmedAt = identity.Clock.GetUtcNow();
        using var third = await Flow.AuthorizeAsync(browser, back);
        var tokens = await _gateway.ExchangeAsync(Flow.Answer(third)["code"]);
        Assert.Equal(confirmedAt.ToUnixTimeSeconds(), tokens.Id.GetPayloadValue<long>("auth_time"));
    }

    [Fact]
    public async Task A_young_credential_is_enough_for_max_age()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        identity.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.NotEmpty(await Flow.CodeAsync(browser, ("max_age", "3600")));
    }

    [Fact]
    public async Task An_old_credential_is_no_session_for_prompt_none()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        identity.Clock.Advance(TimeSpan.FromMinutes(5));

        using var response = await Flow.AuthorizeAsync(browser, Flow.Request(("prompt", "none"), ("max_age", "60")));

        Assert.Equal("login_required", Flow.Answer(response)["error"]);
    }

    [Fact]
    public async Task A_hint_for_somebody_else_leads_to_the_login_page()
    {
        using var hers = await identity.SignInAsync(await identity.AddUserAsync());
        var hint = (await _gateway.SignInAsync(hers)).IdToken;
        using var his = await identity.SignInAsync(await identity.AddUserAsync());

        using var silent = await Flow.AuthorizeAsync(his, Flow.Request(("prompt", "none"), ("id_token_hint", hint)));
        using var loud = await Flow.AuthorizeAsync(his, Flow.Request(("id_token_hint", hint)));
        using var same = await Flow.AuthorizeAsync(hers, Flow.Request(("prompt", "none"), ("id_token_hint", hint)));

        Assert.Equal("login_required", Flow.Answer(silent)["error"]);
        Assert.StartsWith("/login?", loud.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.True(Flow.Answer(same).ContainsKey("code"));
    }

    [Fact]
    public async Task A_second_factor_can_be_demanded()
    {
        using var browser = await identity.SignInAsync(await identity.AddUserAsync());
        var request = Flow.Request(("acr_values", "urn:botgeneric:acr:mfa"));

        using var first = await Flow.AuthorizeAsync(browser, request);
        Assert.StartsWith("/account/confirm?", first.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Contains("factor=mfa", first.Headers.Location!.ToString(), StringComparison.Ordinal);

        await TokenServerApplication.ConfirmAsync(browser, "otp", "mfa");
        using var second = await Flow.AuthorizeAsync(browser, request);
        var tokens = await _gateway.ExchangeAsync(Flow.Answer(second)["code"]);
        Assert.Equal("urn:botgeneric:acr:mfa", tokens.Id.GetPayloadValue<string>("acr"));
    }
}
