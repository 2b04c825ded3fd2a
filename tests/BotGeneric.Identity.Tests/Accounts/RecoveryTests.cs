using System.Net;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Tests.Accounts.Support;
using BotGeneric.Identity.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.Accounts;

public sealed class RecoveryTests(AccountsApplication identity) : IClassFixture<AccountsApplication>
{
    private const string NewPassword = "eleven quiet lanterns";

    [Fact]
    public async Task A_reset_changes_the_password_ends_every_session_and_is_told()
    {
        var person = await Person.RegisterAsync(identity);
        var link = await AskAsync(person);
        using var browser = identity.OpenBrowser();
        await browser.ReadAsync(link);
        Assert.True(await person.IsSignedInAsync());

        using var reset = await browser.SubmitAsync(link, "/login/reset", ("password", NewPassword));

        Assert.Equal("/account", reset.Headers.Location?.OriginalString);
        Assert.True(await person.IsSignedInAsync(browser));
        Assert.False(await person.IsSignedInAsync());
        await identity.Mail.WaitForAsync(person.Email, NotificationTemplates.PasswordChanged);
        using var old = await person.SignInAsync(person.Browser);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, old.StatusCode);
        Assert.NotNull((await person.ReadAsync()).TokensRevokedAt);
        using var again = await browser.GetAsync(link);
        Assert.Equal(HttpStatusCode.Gone, again.StatusCode);
    }

    [Fact]
    public async Task With_a_second_factor_a_reset_does_not_sign_in()
    {
        var person = await Person.RegisterAsync(identity);
        await person.EnableTotpAsync();
        using var browser = identity.OpenBrowser();

        using var reset = await browser.SubmitAsync(await AskAsync(person), "/login/reset", ("password", NewPassword));

        Assert.Equal("/login?notice=password", reset.Headers.Location?.OriginalString);
        Assert.False(await person.IsSignedInAsync(browser));
    }

    [Fact]
    public async Task An_unknown_address_gets_the_same_answer()
    {
        var person = await Person.RegisterAsync(identity);
        Assert.Equal(await TryAsync(person.Email), await TryAsync(Person.NewAddress()));

        async Task<(HttpStatusCode, string?, int, string)> TryAsync(string email)
        {
            using var browser = identity.OpenBrowser();
            var form = new Browser.Form(await browser.ReadAsync("/login/forgot"), "/login/forgot");
            var before = identity.Hashes.Count;
            using var answer = await browser.SubmitAsync(form, ("email", email));
            var hashes = identity.Hashes.Count - before;
            var page = await browser.ReadAsync(answer.Headers.Location!.OriginalString);
            return (answer.StatusCode, answer.Headers.Location?.OriginalString, hashes, Person.WithoutTokens(page));
        }
    }

    [Fact]
    public async Task A_link_is_refused_after_an_hour_and_for_another_purpose()
    {
        var person = await Person.RegisterAsync(identity);
        var link = await AskAsync(person);
        using var other = await person.Browser.GetAsync($"/register/verify?token={Person.Token(link)}");
        Assert.Equal(HttpStatusCode.Gone, other.StatusCode);

        identity.Clock.Advance(TimeSpan.FromMinutes(61));
        using var late = await person.Browser.GetAsync(link);
        Assert.Equal(HttpStatusCode.Gone, late.StatusCode);
    }

    [Fact]
    public async Task A_link_sent_to_an_address_that_is_not_the_accounts_any_more_is_refused()
    {
        var person = await Person.RegisterAsync(identity);
        var link = await AskAsync(person);
        var moved = Person.NewAddress();
        await identity.WithDatabaseAsync(db => db.Users.Where(user => user.Email == person.Email).ExecuteUpdateAsync(update => update
            .SetProperty(user => user.Email, moved).SetProperty(user => user.NormalizedEmail, moved.ToUpperInvariant())));

        using var page = await person.Browser.GetAsync(link);

        Assert.Equal(HttpStatusCode.Gone, page.StatusCode);
    }

    [Fact]
    public async Task Changing_the_password_demands_the_present_one_and_ends_the_other_sessions()
    {
        var person = await Person.RegisterAsync(identity);
        using var elsewhere = identity.OpenBrowser();
        (await person.SignInAsync(elsewhere)).Dispose();

        using var wrong = await person.Browser.SubmitAsync("/account/security/password", null, ("currentPassword", "not this one"), ("newPassword", NewPassword));
        using var common = await person.Browser.SubmitAsync("/account/security/password", null, ("currentPassword", person.Password), ("newPassword", "qwertyuiop"));
        Assert.All([wrong, common], answer => Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode));
        Assert.True(await person.IsSignedInAsync(elsewhere));

        using var changed = await person.Browser.SubmitAsync("/account/security/password", null, ("currentPassword", person.Password), ("newPassword", NewPassword));

        Assert.Equal("/account/security?notice=password", changed.Headers.Location?.OriginalString);
        Assert.True(await person.IsSignedInAsync());
        Assert.False(await person.IsSignedInAsync(elsewhere));
    }

    [Fact]
    public async Task A_new_address_counts_when_its_link_is_posted_and_the_old_one_is_told()
    {
        var person = await Person.RegisterAsync(identity);
        var address = Person.NewAddress();
        using var asked = await person.Browser.SubmitAsync("/account/security/email", null, ("email", address));
        Assert.Equal("/account/security?notice=email-sent", asked.Headers.Location?.OriginalString);
        var link = Person.Link(await identity.Mail.WaitForAsync(address, NotificationTemplates.ConfirmNewEmail));
        var stranger = await Person.RegisterAsync(identity);

        using var foreign = await stranger.Browser.GetAsync(link);
        using var nobody = await identity.OpenBrowser().GetAsync(link);
        Assert.Equal(HttpStatusCode.Gone, foreign.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, nobody.StatusCode);
        await person.Browser.ReadAsync(link);
        await person.ReadAsync();

        using var confirmed = await person.Browser.SubmitAsync(link, "/account/email/confirm");

        Assert.Equal("/account/security?notice=email", confirmed.Headers.Location?.OriginalString);
        var told = await identity.Mail.WaitForAsync(person.Email, NotificationTemplates.EmailChanged);
        Assert.Equal("p•••@example.com", told.Values["newAddress"]);
        Assert.False(await identity.WithDatabaseAsync(db => db.Users.AnyAsync(user => user.Email == person.Email)));
        using var again = await person.Browser.GetAsync(link);
        Assert.Equal(HttpStatusCode.Gone, again.StatusCode);
    }

    [Fact]
    public async Task An_address_of_another_account_gets_the_same_answer_and_no_message()
    {
        var person = await Person.RegisterAsync(identity);
        var other = await Person.RegisterAsync(identity);

        using var asked = await person.Browser.SubmitAsync("/account/security/email", null, ("email", other.Email));

        Assert.Equal("/account/security?notice=email-sent", asked.Headers.Location?.OriginalString);
        Assert.Equal(0, await identity.WithDatabaseAsync(db => db.OneTimeLinks.CountAsync(link => link.Email == other.Email && link.Purpose == Domain.LinkPurpose.ChangeEmail)));
        Assert.DoesNotContain(identity.Mail.To(other.Email), message => message.Template == NotificationTemplates.ConfirmNewEmail);
    }

    [Fact]
    public async Task A_person_without_an_address_adds_one_and_then_a_password()
    {
        var person = await Person.RegisterAsync(identity);
        var user = await person.ReadAsync();
        await identity.WithDatabaseAsync(db => db.Users.Where(candidate => candidate.Id == user.Id).ExecuteUpdateAsync(update => update
            .SetProperty(candidate => candidate.Email, (string?)null).SetProperty(candidate => candidate.NormalizedEmail, (string?)null)
            .SetProperty(candidate => candidate.PasswordHash, (string?)null)));
        foreach (var page in new[] { "/account", "/account/security", "/account/privacy", "/account/sessions", "/account/confirm" })
        {
            await person.Browser.ReadAsync(page);
        }

        using var tooEarly = await person.Browser.GetAsync("/account/security/password");
        Assert.Equal("/account/security/email", tooEarly.Headers.Location?.OriginalString);
        var address = Person.NewAddress();
        (await person.Browser.SubmitAsync("/account/security/email", null, ("email", address))).Dispose();
        var link = Person.Link(await identity.Mail.WaitForAsync(address, NotificationTemplates.ConfirmNewEmail));
        (await person.Browser.SubmitAsync(link, "/account/email/confirm")).Dispose();
        using var set = await person.Browser.SubmitAsync("/account/security/password", null, ("newPassword", NewPassword));
        Assert.Equal("/account/security?notice=password", set.Headers.Location?.OriginalString);

        using var browser = identity.OpenBrowser();
        using var signedIn = await browser.SubmitAsync("/login", null, ("email", address), ("password", NewPassword));
        Assert.Equal("/account", signedIn.Headers.Location?.OriginalString);
    }

    [Theory]
    [InlineData("/account/security/password")]
    [InlineData("/account/security/email")]
    public async Task What_changes_a_credential_asks_for_one_first(string page)
    {
        var person = await Person.RegisterAsync(identity);
        identity.Clock.Advance(TimeSpan.FromMinutes(6));

        using var answer = await person.Browser.GetAsync(page);

        Assert.Equal($"/account/confirm?returnUrl={Uri.EscapeDataString(page)}", answer.Headers.Location?.OriginalString);
    }

    private async Task<string> AskAsync(Person person)
    {
        using var browser = identity.OpenBrowser();
        using var asked = await browser.SubmitAsync("/login/forgot", null, ("email", person.Email));
        Assert.Equal("/login/forgot/check-mail", asked.Headers.Location?.OriginalString);
        return Person.Link(await identity.Mail.WaitForAsync(person.Email, NotificationTemplates.ResetPassword));
    }
}
