using System.Net;
using BotGeneric.Identity.Accounts.SecondFactors;
using BotGeneric.Identity.Tests.Accounts.Support;
using BotGeneric.Identity.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.Accounts;

public sealed class SecondFactorTests(AccountsApplication identity) : IClassFixture<AccountsApplication>
{
    private const string Path = "/login/second-factor";

    [Fact]
    public async Task Neither_the_key_nor_a_recovery_code_stands_in_the_database_as_it_is()
    {
        var person = await Person.RegisterAsync(identity);
        var (secret, codes) = await person.EnableTotpAsync();
        var user = await person.ReadAsync();

        var stored = await identity.WithDatabaseAsync(db => db.UserTokens.Where(token => token.UserId == user.Id).ToListAsync());

        Assert.Equal(RecoveryCode.Count, codes.Distinct().Count());
        Assert.Equal(RecoveryCode.Count, stored.Count(token => token.LoginProvider == "recovery-code"));
        Assert.DoesNotContain(stored, token => token.Value == secret || codes.Contains(token.Name) || codes.Contains(token.Value));
    }

    [Fact]
    public async Task The_password_alone_opens_no_page()
    {
        var person = await Person.RegisterAsync(identity);
        await person.EnableTotpAsync();
        using var browser = identity.OpenBrowser();
        using var first = await person.SignInAsync(browser);
        Assert.Equal(Path, first.Headers.Location?.OriginalString);

        foreach (var page in new[] { "/account", "/account/security", "/account/security/totp", "/account/security/totp/qr", "/account/sessions", "/account/privacy", "/account/confirm", "/account/keep" })
        {
            using var answer = await browser.GetAsync(page);
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.StartsWith("http://localhost/login?returnUrl=", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }

        using var none = identity.OpenBrowser();
        using var without = await none.GetAsync(Path);
        Assert.Equal("/login", without.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_code_works_once()
    {
        var person = await Person.RegisterAsync(identity);
        var (secret, _) = await person.EnableTotpAsync();
        identity.Clock.Advance(TimeSpan.FromSeconds(60));
        var code = Totp.CodeOf(secret, Totp.StepOf(identity.Clock.GetUtcNow()));
        using var one = identity.OpenBrowser();
        using var two = identity.OpenBrowser();
        (await person.SignInAsync(one, returnUrl: "/account/keys")).Dispose();
        (await person.SignInAsync(two)).Dispose();

        using var first = await one.SubmitAsync(Path, null, ("code", code));
        using var replayed = await two.SubmitAsync(Path, null, ("code", code));

        Assert.Equal("/account/keys", first.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, replayed.StatusCode);
        Assert.True(await person.IsSignedInAsync(one));
        Assert.False(await person.IsSignedInAsync(two));
        var user = await person.ReadAsync();
        var methods = await identity.WithDatabaseAsync(db => db.Sessions.Where(session => session.UserId == user.Id).OrderByDescending(session => session.Id).Select(session => session.Methods).FirstAsync());
        Assert.Equal(["pwd", "otp", "mfa"], methods);
    }

    [Fact]
    public async Task A_recovery_code_works_once_however_it_is_typed()
    {
        var person = await Person.RegisterAsync(identity);
        var (_, codes) = await person.EnableTotpAsync();
        using var browser = identity.OpenBrowser();
        (await person.SignInAsync(browser)).Dispose();
        using var first = await browser.SubmitAsync(Path, null, ("code", codes[0].ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal)));
        Assert.Equal("/account", first.Headers.Location?.OriginalString);

        (await person.SignInAsync(browser)).Dispose();
        using var again = await browser.SubmitAsync(Path, null, ("code", codes[0]));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, again.StatusCode);
        using var other = await browser.SubmitAsync(Path, null, ("code", codes[1]));
        Assert.Equal("/account", other.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task After_five_wrong_codes_signing_in_begins_anew()
    {
        var person = await Person.RegisterAsync(identity);
        var (_, codes) = await person.EnableTotpAsync();
        using var browser = identity.OpenBrowser();
        (await person.SignInAsync(browser)).Dispose();
        var form = new Browser.Form(await browser.ReadAsync(Path), Path);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            using var wrong = await browser.SubmitAsync(form, ("code", "000000"));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        }

        using var sixth = await browser.SubmitAsync(form, ("code", codes[0]));

        Assert.Equal("/login?notice=again", sixth.Headers.Location?.OriginalString);
        Assert.False(await person.IsSignedInAsync(browser));
    }

    [Fact]
    public async Task It_is_too_late_after_ten_minutes()
    {
        var person = await Person.RegisterAsync(identity);
        var (_, codes) = await person.EnableTotpAsync();
        using var browser = identity.OpenBrowser();
        (await person.SignInAsync(browser)).Dispose();
        var form = new Browser.Form(await browser.ReadAsync(Path), Path);
        identity.Clock.Advance(TimeSpan.FromMinutes(11));

        using var late = await browser.SubmitAsync(form, ("code", codes[0]));

        Assert.Equal("/login?notice=again", late.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task New_recovery_codes_end_the_old_ones_and_switching_off_asks_for_a_credential_first()
    {
        var person = await Person.RegisterAsync(identity);
        var (_, codes) = await person.EnableTotpAsync();
        using var renewed = await person.Browser.SubmitAsync("/account/security", "/account/security/recovery-codes");
        Assert.DoesNotContain(codes[0], await renewed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var browser = identity.OpenBrowser();
        (await person.SignInAsync(browser)).Dispose();
        using var old = await browser.SubmitAsync(Path, null, ("code", codes[0]));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, old.StatusCode);

        identity.Clock.Advance(TimeSpan.FromMinutes(6));
        using var asked = await person.Browser.SubmitAsync("/account/security", "/account/security/totp/disable");
        Assert.Equal("/account/confirm?returnUrl=%2Faccount%2Fsecurity", asked.Headers.Location?.OriginalString);
        using var wrong = await person.Browser.SubmitAsync(asked.Headers.Location!.OriginalString, "/account/confirm", ("password", "not the password"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        using var confirmed = await person.Browser.SubmitAsync(asked.Headers.Location!.OriginalString, "/account/confirm", ("password", person.Password));
        Assert.Equal("/account/security", confirmed.Headers.Location?.OriginalString);
        using var disabled = await person.Browser.SubmitAsync("/account/security", "/account/security/totp/disable");
        Assert.Equal("/account/security?notice=totp-off", disabled.Headers.Location?.OriginalString);
        Assert.False((await person.ReadAsync()).TwoFactorEnabled);
    }

    [Fact]
    public async Task When_the_key_ring_is_lost_no_code_is_right_and_a_recovery_code_still_is()
    {
        var person = await Person.RegisterAsync(identity);
        var (secret, codes) = await person.EnableTotpAsync();
        var user = await person.ReadAsync();
        await identity.WithDatabaseAsync(db => db.UserTokens.Where(token => token.UserId == user.Id && token.LoginProvider == "totp")
            .ExecuteUpdateAsync(update => update.SetProperty(token => token.Value, "bG9zdA")));
        identity.Clock.Advance(TimeSpan.FromSeconds(60));
        using var browser = identity.OpenBrowser();
        (await person.SignInAsync(browser)).Dispose();

        using var code = await browser.SubmitAsync(Path, null, ("code", Totp.CodeOf(secret, Totp.StepOf(identity.Clock.GetUtcNow()))));
        using var recovery = await browser.SubmitAsync(Path, null, ("code", codes[0]));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code.StatusCode);
        Assert.Equal("/account", recovery.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_code_confirms_a_session_once()
    {
        var person = await Person.RegisterAsync(identity);
        var (secret, _) = await person.EnableTotpAsync();
        identity.Clock.Advance(TimeSpan.FromMinutes(6));
        var code = Totp.CodeOf(secret, Totp.StepOf(identity.Clock.GetUtcNow()));

        using var confirmed = await person.Browser.SubmitAsync("/account/confirm?returnUrl=%2Faccount%2Fsecurity", "/account/confirm/code", ("code", code));
        using var replayed = await person.Browser.SubmitAsync("/account/confirm", "/account/confirm/code", ("code", code));

        Assert.Equal("/account/security", confirmed.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, replayed.StatusCode);
    }

    [Fact]
    public async Task Somebody_who_has_lost_the_authenticator_confirms_with_a_recovery_code_once()
    {
        var person = await Person.RegisterAsync(identity);
        var (_, codes) = await person.EnableTotpAsync();
        identity.Clock.Advance(TimeSpan.FromMinutes(6));
        using var asked = await person.Browser.SubmitAsync("/account/security", "/account/security/totp/disable");
        var confirm = asked.Headers.Location!.OriginalString;

        using var confirmed = await person.Browser.SubmitAsync(confirm, "/account/confirm/code", ("code", codes[0]));
        using var again = await person.Browser.SubmitAsync(confirm, "/account/confirm/code", ("code", codes[0]));
        Assert.Contains("rc", await MethodsAsync());
        using var disabled = await person.Browser.SubmitAsync("/account/security", "/account/security/totp/disable");

        Assert.Equal("/account/security", confirmed.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, again.StatusCode);
        Assert.Equal("/account/security?notice=totp-off", disabled.Headers.Location?.OriginalString);
        Assert.False((await person.ReadAsync()).TwoFactorEnabled);
        // Nobody goes on with the rights of a second factor that is no more.
        Assert.Equal(["pwd"], await MethodsAsync());

        async Task<string[]> MethodsAsync()
        {
            var userId = (await person.ReadAsync()).Id;
            return await identity.WithDatabaseAsync(db => db.Sessions.Where(session => session.UserId == userId).OrderByDescending(session => session.Id).Select(session => session.Methods).FirstAsync());
        }
    }

    [Fact]
    public async Task A_recovery_code_of_somebody_else_confirms_nothing()
    {
        var person = await Person.RegisterAsync(identity);
        await person.EnableTotpAsync();
        var other = await Person.RegisterAsync(identity);
        var (_, foreign) = await other.EnableTotpAsync();

        using var refused = await person.Browser.SubmitAsync("/account/confirm", "/account/confirm/code", ("code", foreign[0]));
        using var own = await other.Browser.SubmitAsync("/account/confirm", "/account/confirm/code", ("code", foreign[0]));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal("/account", own.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_password_that_is_changed_meanwhile_ends_the_sign_in()
    {
        var person = await Person.RegisterAsync(identity);
        var (_, codes) = await person.EnableTotpAsync();
        using var browser = identity.OpenBrowser();
        (await person.SignInAsync(browser)).Dispose();
        var form = new Browser.Form(await browser.ReadAsync(Path), Path);
        (await person.Browser.SubmitAsync(
            "/account/security/password", null, ("currentPassword", person.Password), ("newPassword", "eleven quiet lanterns"))).Dispose();

        using var answer = await browser.SubmitAsync(form, ("code", codes[0]));

        Assert.Equal("/login?notice=again", answer.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task The_picture_is_served_only_while_it_is_set_up()
    {
        var person = await Person.RegisterAsync(identity);
        using var before = await person.Browser.GetAsync("/account/security/totp/qr");
        (await person.Browser.SubmitAsync("/account/security", "/account/security/totp/start")).Dispose();
        using var during = await person.Browser.GetAsync("/account/security/totp/qr");

        Assert.Equal(HttpStatusCode.NotFound, before.StatusCode);
        Assert.Equal("image/svg+xml", during.Content.Headers.ContentType?.MediaType);
        Assert.True(during.Headers.CacheControl!.NoStore);
    }

    // The vectors of RFC 6238, appendix B, in six digits.
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1234567890, "005924")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long seconds, string code)
    {
        const string secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        var time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        Assert.Equal(code, Totp.CodeOf(secret, Totp.StepOf(time)));
        Assert.Equal(Totp.StepOf(time), Totp.Match(secret, code, time.AddSeconds(30)));
        Assert.Null(Totp.Match(secret, code, time.AddSeconds(61)));
    }
}
