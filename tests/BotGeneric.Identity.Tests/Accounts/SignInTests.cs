using System.Net;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Tests.Accounts.Support;
using BotGeneric.Identity.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Tests.Accounts;

public sealed class SignInTests(AccountsApplication identity) : IClassFixture<AccountsApplication>
{
    [Fact]
    public async Task An_unknown_address_a_wrong_password_and_no_password_get_one_answer_for_one_hash()
    {
        var person = await Person.RegisterAsync(identity);
        var user = await person.ReadAsync();
        var (wrongStatus, wrongPage, wrongHashes) = await TryAsync(person.Email);
        await identity.WithDatabaseAsync(db => db.Users.Where(candidate => candidate.Id == user.Id)
            .ExecuteUpdateAsync(update => update.SetProperty(candidate => candidate.PasswordHash, (string?)null)));
        var (noneStatus, nonePage, noneHashes) = await TryAsync(person.Email);
        var (unknownStatus, unknownPage, unknownHashes) = await TryAsync(Person.NewAddress());

        Assert.Equal([HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity], [wrongStatus, noneStatus, unknownStatus]);
        Assert.Equal(wrongPage, nonePage);
        Assert.Equal(wrongPage, unknownPage);
        Assert.Equal([1, 1, 1], [wrongHashes, noneHashes, unknownHashes]);

        async Task<(HttpStatusCode, string, int)> TryAsync(string email)
        {
            using var browser = identity.OpenBrowser();
            var form = new Browser.Form(await browser.ReadAsync("/login"), "/login");
            var before = identity.Hashes.Count;
            using var answer = await browser.SubmitAsync(form, ("email", email), ("password", "not the password"));
            var html = Person.WithoutTokens(await answer.Content.ReadAsStringAsync()).Replace(email, "E", StringComparison.OrdinalIgnoreCase);
            return (answer.StatusCode, html, identity.Hashes.Count - before);
        }
    }

    [Theory]
    [InlineData("a\0b@example.com")]
    [InlineData("\0")]
    public async Task What_no_database_can_hold_is_a_bad_request(string email)
    {
        using var browser = identity.OpenBrowser();
        using var answer = await browser.SubmitAsync("/login", null, ("email", email), ("password", "not the password"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Guessing_is_slowed_down_for_strangers_and_never_for_the_owner_on_a_known_browser()
    {
        var person = await Person.RegisterAsync(identity);
        using var stranger = identity.OpenBrowser();
        for (var attempt = 0; attempt < 5; attempt++)
        {
            using var wrong = await person.SignInAsync(stranger, $"guess number {attempt}");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        }

        await WaitForLongAsync(() => person.SignInAsync(stranger, "one more guess"));
        using var elsewhere = identity.OpenBrowser();
        using var slowed = await person.SignInAsync(elsewhere);
        Assert.Equal(HttpStatusCode.TooManyRequests, slowed.StatusCode);
        Assert.InRange(slowed.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 120);

        using var owner = await person.SignInAsync(person.Browser);
        Assert.Equal("/account", owner.Headers.Location?.OriginalString);

        identity.Clock.Advance(TimeSpan.FromSeconds(121));
        using var later = await person.SignInAsync(elsewhere);
        Assert.Equal("/account", later.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task One_address_that_tries_many_accounts_is_slowed_down()
    {
        using var browser = identity.OpenBrowser();
        var form = new Browser.Form(await browser.ReadAsync("/login"), "/login");
        for (var attempt = 0; attempt < 30; attempt++)
        {
            using var wrong = await browser.SubmitAsync(form, ("email", Person.NewAddress()), ("password", "password1234"));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        }

        await WaitForLongAsync(() => browser.SubmitAsync(form, ("email", Person.NewAddress()), ("password", "password1234")));
    }

    [Fact]
    public async Task A_session_planted_before_signing_in_ends_and_a_new_one_begins()
    {
        var attacker = await Person.RegisterAsync(identity);
        var victim = await Person.RegisterAsync(identity);
        var planted = await SessionIdsAsync(attacker);

        using var answer = await victim.SignInAsync(attacker.Browser);

        Assert.Equal("/account", answer.Headers.Location?.OriginalString);
        Assert.Empty(await SessionIdsAsync(attacker));
        Assert.DoesNotContain(Assert.Single(planted), await SessionIdsAsync(victim));
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("evil")]
    [InlineData("")]
    public async Task Nobody_is_sent_to_another_site(string returnUrl)
    {
        var person = await Person.RegisterAsync(identity);
        using var browser = identity.OpenBrowser();

        using var answer = await browser.SubmitAsync(
            "/login", null, ("email", person.Email), ("password", person.Password), ("returnUrl", returnUrl));

        Assert.Equal("/account", answer.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_path_of_ours_is_gone_back_to()
    {
        var person = await Person.RegisterAsync(identity);
        using var browser = identity.OpenBrowser();
        using var answer = await person.SignInAsync(browser, returnUrl: "/connect/authorize?client_id=a&state=b");
        Assert.Equal("/connect/authorize?client_id=a&state=b", answer.Headers.Location?.OriginalString);
    }

    [Theory]
    [InlineData("/login")]
    [InlineData("/register")]
    [InlineData("/register/verify")]
    [InlineData("/login/forgot")]
    [InlineData("/login/reset")]
    [InlineData("/login/second-factor")]
    [InlineData("/login/passkey/options")]
    [InlineData("/account")]
    [InlineData("/account/confirm")]
    [InlineData("/account/sign-out")]
    [InlineData("/account/security/password")]
    [InlineData("/account/security/totp/disable")]
    [InlineData("/account/sessions/revoke-others")]
    [InlineData("/account/passkeys/options")]
    [InlineData("/account/privacy/delete")]
    [InlineData("/account/keep")]
    public async Task A_form_that_did_not_come_from_a_page_of_ours_is_refused(string path)
    {
        var person = await Person.RegisterAsync(identity);
        using var answer = path.Contains("passkey", StringComparison.Ordinal)
            ? await person.Browser.Client.PostAsync(new Uri(path, UriKind.Relative), new StringContent("{}", null, "application/json"))
            : await person.Browser.Client.PostAsync(new Uri(path, UriKind.Relative), new FormUrlEncodedContent([new("email", "a@example.com")]));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_sign_in_from_a_new_place_is_told_and_one_from_a_usual_place_is_not()
    {
        var person = await Person.RegisterAsync(identity);
        using var elsewhere = identity.OpenBrowser();
        elsewhere.Client.DefaultRequestHeaders.Add("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
        (await person.SignInAsync(elsewhere)).Dispose();
        (await person.SignInAsync(elsewhere)).Dispose();
        (await person.SignInAsync(person.Browser)).Dispose();

        var message = await identity.Mail.WaitForAsync(person.Email, NotificationTemplates.NewSignIn);

        Assert.Equal("Firefox, Linux", message.Values["device"]);
        Assert.Single(identity.Mail.To(person.Email), sent => sent.Template == NotificationTemplates.NewSignIn);
    }

    [Fact]
    public async Task A_locked_account_opens_to_nobody_and_says_so_only_to_whoever_knows_the_password()
    {
        var person = await Person.RegisterAsync(identity);
        await identity.WithDatabaseAsync(async db =>
        {
            (await db.Users.SingleAsync(user => user.Email == person.Email)).Lock(identity.Clock.GetUtcNow(), "test");
            return await db.SaveChangesAsync();
        });
        using var browser = identity.OpenBrowser();

        using var wrong = await person.SignInAsync(browser, "not the password");
        using var right = await person.SignInAsync(browser);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        Assert.Equal("/login/locked", right.Headers.Location?.OriginalString);
        Assert.False(await person.IsSignedInAsync(browser));
        Assert.False(await person.IsSignedInAsync());
    }

    [Fact]
    public async Task A_weak_hash_is_renewed_by_signing_in()
    {
        var person = await Person.RegisterAsync(identity);
        var weak = new PasswordHasher<User>(Options.Create(new PasswordHasherOptions { IterationCount = 10 })).HashPassword(new User(), person.Password);
        await identity.WithDatabaseAsync(db => db.Users.Where(user => user.Email == person.Email)
            .ExecuteUpdateAsync(update => update.SetProperty(user => user.PasswordHash, weak)));

        (await person.SignInAsync(person.Browser)).Dispose();

        Assert.NotEqual(weak, (await person.ReadAsync()).PasswordHash);
        using var again = await person.SignInAsync(person.Browser);
        Assert.Equal("/account", again.Headers.Location?.OriginalString);
    }

    // Goes on until the next try has to wait for so long that the wait is not over by itself on a slow machine: it doubles with each one.
    private async Task WaitForLongAsync(Func<Task<HttpResponseMessage>> tryAsync)
    {
        var wait = TimeSpan.Zero;
        for (var attempt = 0; attempt < 50 && wait < TimeSpan.FromSeconds(30); attempt++)
        {
            identity.Clock.Advance(wait);
            using var answer = await tryAsync();
            wait = answer.StatusCode == HttpStatusCode.TooManyRequests ? answer.Headers.RetryAfter!.Delta!.Value : TimeSpan.Zero;
        }

        Assert.InRange(wait.TotalSeconds, 30, 120);
    }

    private async Task<IReadOnlyList<Guid>> SessionIdsAsync(Person person)
    {
        var user = await person.ReadAsync();
        return await identity.WithDatabaseAsync(db => db.Sessions.Where(session => session.UserId == user.Id && session.RevokedAt == null)
            .Select(session => session.Id).ToListAsync());
    }
}
