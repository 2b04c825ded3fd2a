using System.Net;
using BotGeneric.Identity.Accounts.SecondFactors;
using BotGeneric.Identity.Tests.Accounts.Support;
using BotGeneric.Identity.Tests.Support;

namespace BotGeneric.Identity.Tests.TokenServer;

/// <summary>Identity with its real pages and a client.</summary>
public sealed class SignInPagesApplication : AccountsApplication
{
    protected override IReadOnlyDictionary<string, string> Settings =>
        new Dictionary<string, string>(base.Settings) { ["Clients:Gateway:Secret"] = TokenServerApplication.GatewaySecret };
}

/// <summary>Signing in to an application, with the pages that people see.</summary>
public sealed class SignInPagesTests(SignInPagesApplication identity) : IClassFixture<SignInPagesApplication>
{
    private const string SecondFactor = "urn:botgeneric:acr:mfa";
    private readonly Flow _gateway = new(identity.CreateClient());

    [Fact]
    public async Task From_the_application_through_both_factors_to_its_tokens()
    {
        var person = await Person.RegisterAsync(identity);
        var (secret, _) = await person.EnableTotpAsync();
        identity.Clock.Advance(TimeSpan.FromMinutes(1));
        using var browser = identity.OpenBrowser();

        using var sent = await Flow.AuthorizeAsync(
            browser, Flow.Request(("prompt", "login"), ("login_hint", person.Email), ("ui_locales", "uk"), ("acr_values", SecondFactor)));
        using var inUkrainian = await browser.GetAsync(sent.Headers.Location!.ToString());
        var login = await browser.ReadAsync(inUkrainian.Headers.Location!.ToString());
        Assert.Contains("lang=\"uk\"", login, StringComparison.Ordinal);
        Assert.Contains($"value=\"{person.Email}\"", login, StringComparison.Ordinal);
        using var first = await browser.SubmitAsync(new Browser.Form(login, "/login"), ("email", person.Email), ("password", person.Password));
        Assert.Equal("/login/second-factor", first.Headers.Location!.ToString());
        using var second = await browser.SubmitAsync("/login/second-factor", null, ("code", Code(secret)));
        Assert.StartsWith("/connect/authorize?", second.Headers.Location!.ToString(), StringComparison.Ordinal);
        using var back = await Flow.AuthorizeAsync(browser, second.Headers.Location!.ToString());
        var tokens = await _gateway.ExchangeAsync(Flow.Answer(back)["code"]);

        Assert.Equal("the-nonce", tokens.Id.GetPayloadValue<string>("nonce"));
        Assert.Equal(SecondFactor, tokens.Id.GetPayloadValue<string>("acr"));
        Assert.Equal(["pwd", "otp", "mfa"], tokens.Id.GetPayloadValue<string[]>("amr"));
        var who = await _gateway.UserInfoAsync(tokens.AccessToken);
        Assert.Equal((await person.ReadAsync()).Id.ToString(), who.Text("sub"));
        Assert.Equal(person.Email, who.Text("email"));
        Assert.NotNull((await _gateway.RefreshAsync(tokens.RefreshToken)).AccessToken);
    }

    [Fact]
    public async Task Somebody_who_is_signed_in_shows_the_password_once_more_when_that_is_demanded()
    {
        var person = await Person.RegisterAsync(identity);
        identity.Clock.Advance(TimeSpan.FromMinutes(1));

        using var sent = await Flow.AuthorizeAsync(person.Browser, Flow.Request(("prompt", "login")));
        var page = sent.Headers.Location!.ToString();
        Assert.StartsWith("/account/confirm?", page, StringComparison.Ordinal);
        using var confirmed = await person.Browser.SubmitAsync(page, "/account/confirm", ("password", person.Password));
        using var back = await Flow.AuthorizeAsync(person.Browser, confirmed.Headers.Location!.ToString());

        Assert.True(Flow.Answer(back).ContainsKey("code"));
    }

    [Fact]
    public async Task Where_a_second_factor_is_demanded_the_password_alone_is_not_offered()
    {
        var person = await Person.RegisterAsync(identity);
        using var bare = await Flow.AuthorizeAsync(person.Browser, Flow.Request(("acr_values", SecondFactor)));
        var without = await person.Browser.ReadAsync(bare.Headers.Location!.ToString());
        Assert.DoesNotContain("name=\"password\"", without, StringComparison.Ordinal);
        Assert.Contains("href=\"/account/security\"", without, StringComparison.Ordinal);

        using var other = identity.OpenBrowser();
        (await person.SignInAsync(other)).Dispose();
        var (secret, _) = await person.EnableTotpAsync();
        identity.Clock.Advance(TimeSpan.FromMinutes(1));
        using var sent = await Flow.AuthorizeAsync(other, Flow.Request(("acr_values", SecondFactor)));
        var page = await other.ReadAsync(sent.Headers.Location!.ToString());
        Assert.DoesNotContain("name=\"password\"", page, StringComparison.Ordinal);
        var form = new Browser.Form(page, "/account/confirm/code");
        using var wrong = await other.SubmitAsync(form, ("code", "000000"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        Assert.DoesNotContain("name=\"password\"", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var right = await other.SubmitAsync(form, ("code", Code(secret)));
        using var back = await Flow.AuthorizeAsync(other, right.Headers.Location!.ToString());

        var tokens = await _gateway.ExchangeAsync(Flow.Answer(back)["code"]);
        Assert.Equal(SecondFactor, tokens.Id.GetPayloadValue<string>("acr"));
    }

    private string Code(string secret) => Totp.CodeOf(secret, Totp.StepOf(identity.Clock.GetUtcNow()));
}
