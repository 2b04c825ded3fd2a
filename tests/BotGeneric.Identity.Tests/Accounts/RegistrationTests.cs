using System.Net;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Tests.Accounts.Support;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Testing;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.Accounts;

public sealed class RegistrationTests(AccountsApplication identity) : IClassFixture<AccountsApplication>
{
    [Fact]
    public async Task Forms_are_slowed_down_before_the_password_is_judged_and_the_page_leads_back_to_the_form()
    {
        using var browser = identity.OpenBrowser();
        var form = new Browser.Form(await browser.ReadAsync("/register"), "/register");
        (string, string)[] fields = [("email", Person.NewAddress()), ("password", "short")];
        for (var attempt = 0; attempt < ThrottleRule.Form.Free; attempt++)
        {
            using var wrong = await browser.SubmitAsync(form, fields);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        }

        using var slowed = await browser.SubmitAsync(form, fields);

        Assert.Equal(HttpStatusCode.TooManyRequests, slowed.StatusCode);
        var page = await slowed.Content.ReadAsStringAsync();
        Assert.Contains("<a href=\"/register\">Back to the form</a>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Opening_the_link_changes_nothing_and_posting_its_form_makes_the_account_and_signs_in()
    {
        using var browser = identity.OpenBrowser();
        var email = Person.NewAddress();
        var link = await Person.BeginAsync(identity, browser, email, Person.GoodPassword);

        using (var scanner = identity.OpenBrowser())
        {
            await scanner.ReadAsync(link);
            await scanner.ReadAsync(link);
        }

        Assert.False(await ExistsAsync(email));
        using var verified = await browser.SubmitAsync(link, "/register/verify");

        Assert.Equal("/account", verified.Headers.Location?.OriginalString);
        Assert.True(await ExistsAsync(email));
        using var page = await browser.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var actions = await identity.WithDatabaseAsync(async db =>
        {
            var user = await db.Users.SingleAsync(candidate => candidate.Email == email);
            return await db.AuditEntries.Where(entry => entry.UserId == user.Id).Select(entry => entry.Action).ToListAsync();
        });
        Assert.Equal([AuditActions.UserRegistered, AuditActions.SignedIn], actions);
    }

    [Fact]
    public async Task A_used_an_expired_and_an_invented_link_are_refused_alike()
    {
        using var browser = identity.OpenBrowser();
        var used = await Person.BeginAsync(identity, browser, Person.NewAddress(), Person.GoodPassword);
        var form = new Browser.Form(await browser.ReadAsync(used), "/register/verify");
        (await browser.SubmitAsync(form)).Dispose();
        var expired = await Person.BeginAsync(identity, browser, Person.NewAddress(), Person.GoodPassword);
        identity.Clock.Advance(TimeSpan.FromHours(25));

        foreach (var link in new[] { used, expired, "/register/verify?token=invented", "/register/verify" })
        {
            using var page = await browser.GetAsync(link);
            Assert.Equal(HttpStatusCode.Gone, page.StatusCode);
        }

        using var again = await browser.SubmitAsync(form);
        Assert.Equal(HttpStatusCode.Gone, again.StatusCode);
    }

    [Fact]
    public async Task A_known_address_gets_the_same_answer_for_the_same_work_and_its_owner_a_message()
    {
        var known = await Person.RegisterAsync(identity);
        var (unknownAnswer, unknownPage, unknownHashes) = await TryAsync(Person.NewAddress());
        var (knownAnswer, knownPage, knownHashes) = await TryAsync(known.Email.ToUpperInvariant());

        Assert.Equal(unknownAnswer, knownAnswer);
        Assert.Equal(Person.WithoutTokens(unknownPage), Person.WithoutTokens(knownPage));
        Assert.Equal(1, unknownHashes);
        Assert.Equal(1, knownHashes);
        var message = await identity.Mail.WaitForAsync(known.Email, NotificationTemplates.AlreadyRegistered);
        Assert.Equal("http://localhost/login", message.Values["signInLink"]);

        async Task<((HttpStatusCode, string?), string, int)> TryAsync(string email)
        {
            using var browser = identity.OpenBrowser();
            var page = new Browser.Form(await browser.ReadAsync("/register"), "/register");
            var before = identity.Hashes.Count;
            using var answer = await browser.SubmitAsync(page, ("email", email), ("password", Person.GoodPassword));
            var hashes = identity.Hashes.Count - before;
            return ((answer.StatusCode, answer.Headers.Location?.OriginalString), await browser.ReadAsync(answer.Headers.Location!.OriginalString), hashes);
        }
    }

    [Fact]
    public async Task In_another_browser_the_chosen_password_or_a_new_one_is_needed()
    {
        using var first = identity.OpenBrowser();
        using var second = identity.OpenBrowser();
        var email = Person.NewAddress();
        var link = await Person.BeginAsync(identity, first, email, Person.GoodPassword);

        using var nothing = await second.SubmitAsync(link, "/register/verify");
        using var wrong = await second.SubmitAsync(link, "/register/verify", ("password", "not the password"));
        using var weak = await second.SubmitAsync(link, "/register/verify", ("newPassword", "password123"));
        Assert.All([nothing, wrong, weak], answer => Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode));
        Assert.False(await ExistsAsync(email));

        using var chosen = await second.SubmitAsync(link, "/register/verify", ("newPassword", "another nine walnuts"));
        Assert.Equal("/account", chosen.Headers.Location?.OriginalString);
        using var old = await first.SubmitAsync("/login", null, ("email", email), ("password", Person.GoodPassword));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, old.StatusCode);
        using var now = await first.SubmitAsync("/login", null, ("email", email), ("password", "another nine walnuts"));
        Assert.Equal(HttpStatusCode.Redirect, now.StatusCode);
    }

    [Fact]
    public async Task Of_two_links_for_one_address_the_first_wins_and_the_second_says_so()
    {
        using var browser = identity.OpenBrowser();
        var email = Person.NewAddress();
        var first = await Person.BeginAsync(identity, browser, email, Person.GoodPassword);
        var form = new Browser.Form(await browser.ReadAsync(first), "/register/verify");
        using (await browser.SubmitAsync("/register", null, ("email", email), ("password", Person.GoodPassword)))
        {
        }

        var second = await Eventually.GetAsync(
            () => Task.FromResult(identity.Mail.To(email).Select(Person.Link).FirstOrDefault(link => link != first)), link => link is not null, "a second link");
        (await browser.SubmitAsync(form)).Dispose();
        using var page = await browser.GetAsync(second!);

        Assert.Equal(HttpStatusCode.Conflict, page.StatusCode);
    }

    [Fact]
    public async Task A_link_that_is_used_many_times_at_once_makes_one_account()
    {
        using var browser = identity.OpenBrowser();
        var email = Person.NewAddress();
        var link = await Person.BeginAsync(identity, browser, email, Person.GoodPassword);
        var form = new Browser.Form(await browser.ReadAsync(link), "/register/verify");

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => browser.SubmitAsync(form)));

        Assert.Single(answers, answer => answer.Headers.Location?.OriginalString == "/account");
        Assert.Equal(1, await identity.WithDatabaseAsync(db => db.Users.CountAsync(user => user.Email == email)));
        Assert.All(answers, answer => answer.Dispose());
    }

    [Theory]
    [InlineData("email", "no address")]
    [InlineData("password", "short")]
    [InlineData("password", "Password1234")]
    [InlineData("displayName", "a\u0007b")]
    public async Task Wrong_input_is_named_and_nothing_is_sent(string field, string value)
    {
        using var browser = identity.OpenBrowser();
        var fields = new Dictionary<string, string> { ["email"] = Person.NewAddress(), ["password"] = Person.GoodPassword, ["displayName"] = "Olena", [field] = value };

        using var answer = await browser.SubmitAsync("/register", null, fields.Select(pair => (pair.Key, pair.Value)));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains($"field-{field}-error", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(identity.Mail.To(fields["email"]));
    }

    [Fact]
    public async Task Beyond_a_few_messages_to_one_address_the_answer_is_the_same_and_nothing_is_sent()
    {
        var email = Person.NewAddress();
        using var browser = identity.OpenBrowser();
        for (var attempt = 0; attempt < 5; attempt++)
        {
            using var answer = await browser.SubmitAsync("/register", null, ("email", email), ("password", Person.GoodPassword));
            Assert.Equal("/register/check-mail", answer.Headers.Location?.OriginalString);
        }

        Assert.Equal(3, await identity.WithDatabaseAsync(db => db.OneTimeLinks.CountAsync(link => link.Email == email)));
    }

    private Task<bool> ExistsAsync(string email) => identity.WithDatabaseAsync(db => db.Users.AnyAsync(user => user.Email == email));
}
