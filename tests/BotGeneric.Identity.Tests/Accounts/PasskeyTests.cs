using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Tests.Accounts.Support;
using BotGeneric.Identity.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.Accounts;

public sealed class PasskeyTests(AccountsApplication identity) : IClassFixture<AccountsApplication>
{
    [Fact]
    public async Task A_passkey_is_added_signs_in_without_a_second_factor_and_is_removed()
    {
        var person = await Person.RegisterAsync(identity);
        await person.EnableTotpAsync();
        using var authenticator = new SoftwareAuthenticator("http://localhost", "localhost");
        using var added = await AddAsync(person, authenticator);
        Assert.Equal("/account/security?notice=passkey", await NextAsync(added));
        Assert.Contains("Laptop", await person.Browser.ReadAsync("/account/security"), StringComparison.Ordinal);
        await identity.Mail.WaitForAsync(person.Email, NotificationTemplates.SecurityChanged);

        using var browser = identity.OpenBrowser();
        using var signedIn = await SignInAsync(browser, authenticator, "/account/keys");

        Assert.Equal("/account/keys", await NextAsync(signedIn));
        Assert.True(await person.IsSignedInAsync(browser));
        var user = await person.ReadAsync();
        var methods = await identity.WithDatabaseAsync(db => db.Sessions.Where(session => session.UserId == user.Id).OrderByDescending(session => session.Id).Select(session => session.Methods).FirstAsync());
        Assert.Equal(["hwk", "user", "mfa"], methods);

        using var removed = await person.Browser.SubmitAsync("/account/security", $"/account/passkeys/{authenticator.Id}/remove");
        Assert.Equal("/account/security?notice=passkey-removed", removed.Headers.Location?.OriginalString);
        using var refused = await SignInAsync(identity.OpenBrowser(), authenticator, "/account");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
    }

    [Fact]
    public async Task The_options_name_no_credential_demand_verification_and_bind_to_the_configured_domain()
    {
        var person = await Person.RegisterAsync(identity);
        using var authenticator = new SoftwareAuthenticator("http://localhost", "localhost");
        (await AddAsync(person, authenticator)).Dispose();
        person.Browser.Client.DefaultRequestHeaders.Host = "evil.example";
        var (_, options) = await OptionsAsync(person.Browser, "/login", "/login/passkey/options");

        Assert.Equal("localhost", options.GetProperty("rpId").GetString());
        Assert.Equal("required", options.GetProperty("userVerification").GetString());
        Assert.True(!options.TryGetProperty("allowCredentials", out var allowed) || allowed.GetArrayLength() == 0);
    }

    [Fact]
    public async Task A_credential_without_verification_of_another_origin_or_shown_twice_is_refused()
    {
        var person = await Person.RegisterAsync(identity);
        using var authenticator = new SoftwareAuthenticator("http://localhost", "localhost");
        (await AddAsync(person, authenticator)).Dispose();
        using var browser = identity.OpenBrowser();

        authenticator.VerifiesUser = false;
        using var unverified = await SignInAsync(browser, authenticator, "/account");
        authenticator.VerifiesUser = true;
        authenticator.Origin = "http://evil.example";
        using var foreign = await SignInAsync(browser, authenticator, "/account");
        authenticator.Origin = "http://localhost";
        var (token, options) = await OptionsAsync(browser, "/login", "/login/passkey/options");
        var credential = authenticator.Get(options);
        using var first = await PostAsync(browser, token, "/login/passkey", new { credential });
        using var again = await PostAsync(browser, token, "/login/passkey", new { credential });

        Assert.Equal(
            [HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity, HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity],
            [unverified.StatusCode, foreign.StatusCode, first.StatusCode, again.StatusCode]);
    }

    [Fact]
    public async Task A_passkey_of_somebody_else_confirms_nothing_and_ones_own_does()
    {
        var person = await Person.RegisterAsync(identity);
        var other = await Person.RegisterAsync(identity);
        using var mine = new SoftwareAuthenticator("http://localhost", "localhost");
        using var theirs = new SoftwareAuthenticator("http://localhost", "localhost");
        (await AddAsync(person, mine)).Dispose();
        (await AddAsync(other, theirs)).Dispose();
        identity.Clock.Advance(TimeSpan.FromMinutes(6));

        using var foreign = await ConfirmAsync(theirs);
        using var needed = await person.Browser.GetAsync("/account/security/password");
        using var own = await ConfirmAsync(mine);
        using var open = await person.Browser.GetAsync("/account/security/password");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, foreign.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, needed.StatusCode);
        Assert.Equal("/account/security", await NextAsync(own));
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);

        async Task<HttpResponseMessage> ConfirmAsync(SoftwareAuthenticator authenticator)
        {
            var (token, options) = await OptionsAsync(person.Browser, "/account/confirm", "/account/confirm/passkey/options");
            return await PostAsync(person.Browser, token, "/account/confirm/passkey", new { credential = authenticator.Get(options), returnUrl = "/account/security" });
        }
    }

    [Fact]
    public async Task The_last_way_in_is_not_removed_not_even_by_two_tabs_at_once()
    {
        var person = await Person.RegisterAsync(identity);
        using var first = new SoftwareAuthenticator("http://localhost", "localhost");
        using var second = new SoftwareAuthenticator("http://localhost", "localhost");
        (await AddAsync(person, first)).Dispose();
        (await AddAsync(person, second)).Dispose();
        await identity.WithDatabaseAsync(db => db.Users.Where(user => user.Email == person.Email)
            .ExecuteUpdateAsync(update => update.SetProperty(user => user.PasswordHash, (string?)null)));
        var page = await person.Browser.ReadAsync("/account/security");

        var answers = await Task.WhenAll(new[] { first, second }.Select(authenticator =>
            person.Browser.SubmitAsync(new Browser.Form(page, $"/account/passkeys/{authenticator.Id}/remove"))));

        Assert.Equal([HttpStatusCode.Redirect, HttpStatusCode.Conflict], answers.Select(answer => answer.StatusCode).Order());
        var user = await person.ReadAsync();
        Assert.Equal(1, await identity.WithDatabaseAsync(db => db.Set<Microsoft.AspNetCore.Identity.IdentityUserPasskey<Guid>>().CountAsync(passkey => passkey.UserId == user.Id)));
    }

    [Fact]
    public async Task Without_any_passkey_left_no_session_has_a_second_factor_because_of_one()
    {
        var person = await Person.RegisterAsync(identity);
        using var authenticator = new SoftwareAuthenticator("http://localhost", "localhost");
        (await AddAsync(person, authenticator)).Dispose();
        var (token, options) = await OptionsAsync(person.Browser, "/account/confirm", "/account/confirm/passkey/options");
        (await PostAsync(person.Browser, token, "/account/confirm/passkey", new { credential = authenticator.Get(options) })).Dispose();
        var userId = (await person.ReadAsync()).Id;
        Assert.Contains("mfa", await MethodsAsync());

        (await person.Browser.SubmitAsync("/account/security", $"/account/passkeys/{authenticator.Id}/remove")).Dispose();

        Assert.Equal(["pwd"], await MethodsAsync());

        Task<string[]> MethodsAsync() => identity.WithDatabaseAsync(db => db.Sessions.Where(session => session.UserId == userId).Select(session => session.Methods).SingleAsync());
    }

    [Fact]
    public async Task Nobody_has_more_than_ten()
    {
        var person = await Person.RegisterAsync(identity);
        for (var number = 0; number < 10; number++)
        {
            using var authenticator = new SoftwareAuthenticator("http://localhost", "localhost");
            using var added = await AddAsync(person, authenticator);
            Assert.Equal(HttpStatusCode.OK, added.StatusCode);
        }

        using var page = await person.Browser.GetAsync("/account/security");
        var token = Token(await page.Content.ReadAsStringAsync());
        using var eleventh = await PostAsync(person.Browser, token, "/account/passkeys/options", new { });
        Assert.Equal(HttpStatusCode.Conflict, eleventh.StatusCode);
    }

    private static async Task<HttpResponseMessage> AddAsync(Person person, SoftwareAuthenticator authenticator)
    {
        var (token, options) = await OptionsAsync(person.Browser, "/account/security", "/account/passkeys/options");
        return await PostAsync(person.Browser, token, "/account/passkeys", new { credential = authenticator.Create(options), name = "Laptop" });
    }

    private static async Task<HttpResponseMessage> SignInAsync(Browser browser, SoftwareAuthenticator authenticator, string returnUrl)
    {
        var (token, options) = await OptionsAsync(browser, "/login", "/login/passkey/options");
        return await PostAsync(browser, token, "/login/passkey", new { credential = authenticator.Get(options), returnUrl });
    }

    private static async Task<(string Token, JsonElement Options)> OptionsAsync(Browser browser, string page, string address)
    {
        var token = Token(await browser.ReadAsync(page));
        using var answer = await PostAsync(browser, token, address, new { });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (token, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("options"));
    }

    private static string Token(string html) =>
        System.Text.RegularExpressions.Regex.Match(html, "name=\"__RequestVerificationToken\" value=\"([^\"]+)\"").Groups[1].Value;

    private static async Task<HttpResponseMessage> PostAsync(Browser browser, string token, string address, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, UriKind.Relative)) { Content = JsonContent.Create(body) };
        request.Headers.Add("RequestVerificationToken", token);
        return await browser.Client.SendAsync(request);
    }

    private static async Task<string?> NextAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("next").GetString();
}
