using System.Net;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Testing;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.External;

[Collection(ExternalCollection.Name)]
public sealed class LinkTests : IDisposable
{
    private readonly ExternalApplication _identity;

    public LinkTests(ExternalApplication identity)
    {
        _identity = identity;
        _identity.Providers.Reset();
    }

    public void Dispose() => _identity.Providers.Reset();

    [Fact]
    public async Task A_link_is_told_to_the_address_of_the_account_and_is_a_way_in_from_then_on()
    {
        var (user, telegram) = await _identity.AddAccountAsync(ExternalApplication.NewEmail());
        var google = FakePerson.OfGoogle();
        using var browser = await _identity.SignedInAsync("telegram", telegram);

        using var response = await _identity.LinkAsync(browser, "google", google);

        Assert.Equal("/account/links?done=linked&provider=google", response.Headers.Location?.OriginalString);
        Assert.Contains("Google is linked", await browser.ReadAsync("/account/links?done=linked&provider=google"), StringComparison.Ordinal);
        var mail = await _identity.Mail.WaitForAsync(user.Email!, NotificationTemplates.SecurityChanged);
        Assert.Equal(("google", "added", "ru"), (mail.Values["what"], mail.Values["change"], mail.Language));
        await Eventually.GetAsync(
            () => Task.FromResult(_identity.Linked.Count(e => e.UserId == user.Id && e.Provider == "google")), count => count == 1, "IdentityLinked");
        using var elsewhere = await _identity.SignedInAsync("google", google);
        Assert.Equal(user.Id, (await _identity.UserOfAsync("google", google)).Id);
    }

    [Fact]
    public async Task The_form_is_answered_by_a_page_that_goes_on_by_itself_because_form_action_forbids_a_redirect()
    {
        using var browser = await _identity.SignedInAsync("google", FakePerson.OfGoogle());

        using var response = await browser.SubmitAsync("/account/links", "/account/links/telegram");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("form-action 'self'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.StartsWith("0; url=https://telegram.test/auth?", response.Headers.GetValues("Refresh").Single(), StringComparison.Ordinal);
        Assert.Contains("href=\"https://telegram.test/auth?", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_site_cannot_begin_a_link()
    {
        using var browser = await _identity.SignedInAsync("google", FakePerson.OfGoogle());

        using var byGet = await browser.GetAsync("/account/links/telegram");
        using var withoutToken = await browser.Client.PostAsync(new Uri("/account/links/telegram", UriKind.Relative), new FormUrlEncodedContent([]));
        using var bySignIn = await _identity.SignInAsync(browser, "telegram", FakePerson.OfTelegram(), "?purpose=link");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, byGet.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, withoutToken.StatusCode);
        // An identity that nobody has, in a browser where somebody is signed in: the person is asked.
        Assert.Equal("/account/links/pending", bySignIn.Headers.Location?.OriginalString);
    }

    [Theory]
    [InlineData("/account/links/telegram")]
    [InlineData("/account/links/google/remove")]
    [InlineData("/account/links/telegram/chat")]
    public async Task Changes_need_a_fresh_credential(string action)
    {
        using var browser = await _identity.SignedInAsync("google", FakePerson.OfGoogle());
        _identity.Clock.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));

        using var response = await browser.SubmitAsync("/account/links", action);

        Assert.Equal("/account/confirm?returnUrl=%2Faccount%2Flinks", response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_credential_that_grew_old_at_the_provider_is_asked_for_before_the_link_counts()
    {
        var (google, apple) = (FakePerson.OfGoogle(), FakePerson.OfApple());
        using var browser = await _identity.SignedInAsync("google", google);
        var reply = _identity.Providers.Apple.Approve(await ExternalApplication.StartLinkAsync(browser, "apple"), apple);
        _identity.Clock.Advance(TimeSpan.FromMinutes(6));

        using var late = await ExternalApplication.ReturnAsync(browser, reply);
        Assert.Equal("/account/confirm?returnUrl=%2Faccount%2Flinks%2Fpending", late.Headers.Location?.OriginalString);
        Assert.Null(await _identity.FindAsync("apple", apple.Subject));

        using var confirmed = await _identity.SignInAsync(browser, "google", google, "?purpose=confirm&returnUrl=%2Faccount%2Flinks%2Fpending");
        using var linked = await browser.SubmitAsync(confirmed.Headers.Location!.OriginalString, "/account/links/pending");
        Assert.Equal("/account/links?done=linked&provider=apple", linked.Headers.Location?.OriginalString);
        Assert.NotNull(await _identity.FindAsync("apple", apple.Subject));
    }

    [Fact]
    public async Task An_identity_of_another_account_is_an_offer_to_merge_and_stays_that_accounts()
    {
        var taken = FakePerson.OfGoogle();
        using var owner = await _identity.SignedInAsync("google", taken);
        var ownerId = (await _identity.FindAsync("google", taken.Subject))!.UserId;
        using var browser = await _identity.SignedInAsync("telegram", FakePerson.OfTelegram());

        using var response = await _identity.LinkAsync(browser, "google", taken);

        Assert.StartsWith("/account/merge/", response.Headers.Location?.OriginalString, StringComparison.Ordinal);
        Assert.Equal(ownerId, (await _identity.FindAsync("google", taken.Subject))!.UserId);
    }

    [Fact]
    public async Task Two_tabs_that_link_two_accounts_of_one_provider_end_with_one()
    {
        var telegram = FakePerson.OfTelegram();
        using var browser = await _identity.SignedInAsync("telegram", telegram);
        var first = _identity.Providers.Google.Approve(await ExternalApplication.StartLinkAsync(browser, "google"), FakePerson.OfGoogle());
        var second = _identity.Providers.Google.Approve(await ExternalApplication.StartLinkAsync(browser, "google"), FakePerson.OfGoogle());

        var answers = await Task.WhenAll(ExternalApplication.ReturnAsync(browser, first), ExternalApplication.ReturnAsync(browser, second));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Redirect);
        var refused = Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Conflict);
        Assert.Contains("linked already", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var userId = (await _identity.FindAsync("telegram", telegram.Subject))!.UserId;
        Assert.Equal(2, await _identity.WithDatabaseAsync(db => db.ExternalIdentities.CountAsync(link => link.UserId == userId)));
    }

    [Fact]
    public async Task Two_people_who_link_one_identity_at_once_end_with_one_owner()
    {
        var google = FakePerson.OfGoogle();
        var browsers = new List<Browser>();
        var replies = new List<ProviderReply>();
        for (var number = 0; number < 3; number++)
        {
            browsers.Add(await _identity.SignedInAsync("telegram", FakePerson.OfTelegram()));
            replies.Add(_identity.Providers.Google.Approve(await ExternalApplication.StartLinkAsync(browsers[number], "google"), google));
        }

        var answers = await Task.WhenAll(browsers.Zip(replies, ExternalApplication.ReturnAsync));

        Assert.Single(answers, answer => answer.Headers.Location?.OriginalString == "/account/links?done=linked&provider=google");
        Assert.Equal(2, answers.Count(answer => answer.Headers.Location?.OriginalString.StartsWith("/account/merge/", StringComparison.Ordinal) == true));
        browsers.ForEach(browser => browser.Dispose());
    }

    [Fact]
    public async Task A_link_counts_only_in_the_session_that_began_it()
    {
        var google = FakePerson.OfGoogle();
        using var browser = await _identity.SignedInAsync("telegram", FakePerson.OfTelegram());
        var reply = _identity.Providers.Google.Approve(await ExternalApplication.StartLinkAsync(browser, "google"), google);
        using var another = await _identity.SignInAsync(browser, "telegram", FakePerson.OfTelegram());
        // The identity was new in a browser that was signed in, so the first session still stands; a person who exists replaces it.
        using var replaced = await _identity.SignInAsync(browser, "telegram", (await _identity.AddAccountAsync(ExternalApplication.NewEmail())).Telegram);

        using var response = await ExternalApplication.ReturnAsync(browser, reply);

        Assert.Contains("signed out", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Null(await _identity.FindAsync("google", google.Subject));
    }

    [Fact]
    public async Task The_last_way_in_is_not_removed()
    {
        var google = FakePerson.OfGoogle(ExternalApplication.NewEmail());
        using var browser = await _identity.SignedInAsync("google", google);

        using var response = await browser.SubmitAsync("/account/links", "/account/links/google/remove");

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Contains("only way in", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.NotNull(await _identity.FindAsync("google", google.Subject));
    }

    [Fact]
    public async Task A_link_beside_a_password_is_removed_and_told()
    {
        var (user, telegram) = await _identity.AddAccountAsync(ExternalApplication.NewEmail(), passwordHash: "some hash");
        using var browser = await _identity.SignedInAsync("telegram", telegram);

        using var response = await browser.SubmitAsync("/account/links", "/account/links/telegram/remove");

        Assert.Equal("/account/links?done=unlinked&provider=telegram", response.Headers.Location?.OriginalString);
        Assert.Null(await _identity.FindAsync("telegram", telegram.Subject));
        var mail = await _identity.Mail.WaitForAsync(user.Email!, NotificationTemplates.SecurityChanged);
        Assert.Equal("removed", mail.Values["change"]);
        var unlinked = (await Eventually.GetAsync(
            () => Task.FromResult(_identity.Unlinked.FirstOrDefault(e => e.UserId == user.Id)), e => e is not null, "IdentityUnlinked"))!;
        Assert.Equal($"{telegram.TelegramId}", unlinked.ProviderUserId);
    }

    [Fact]
    public async Task Two_tabs_that_remove_the_last_two_ways_in_leave_one()
    {
        var telegram = FakePerson.OfTelegram();
        using var browser = await _identity.SignedInAsync("telegram", telegram);
        using var linked = await _identity.LinkAsync(browser, "google", FakePerson.OfGoogle());
        var page = await browser.ReadAsync("/account/links");

        var answers = await Task.WhenAll(
            browser.SubmitAsync(new Browser.Form(page, "/account/links/google/remove")),
            browser.SubmitAsync(new Browser.Form(page, "/account/links/telegram/remove")));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Redirect);
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_confirmation_makes_the_session_fresh_and_only_the_same_person_gives_it()
    {
        var google = FakePerson.OfGoogle();
        using var browser = await _identity.SignedInAsync("google", google);
        var userId = (await _identity.FindAsync("google", google.Subject))!.UserId;
        _identity.Clock.Advance(TimeSpan.FromMinutes(20));

        using var byAnother = await _identity.SignInAsync(browser, "google", FakePerson.OfGoogle(), "?purpose=confirm");
        _identity.Providers.Google.Alter = claims => claims["auth_time"] = _identity.Clock.GetUtcNow().AddHours(-1).ToUnixTimeSeconds();
        using var notRecent = await _identity.SignInAsync(browser, "google", google, "?purpose=confirm");
        var before = await AuthenticatedAtAsync(userId);
        _identity.Providers.Google.Alter = claims => claims["auth_time"] = _identity.Clock.GetUtcNow().ToUnixTimeSeconds();
        using var confirmed = await _identity.SignInAsync(browser, "google", google, "?purpose=confirm&returnUrl=%2Faccount%2Flinks");

        Assert.Contains("somebody else", await byAnother.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("did not ask you again", await notRecent.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("/account/links", confirmed.Headers.Location?.OriginalString);
        Assert.True(await AuthenticatedAtAsync(userId) - before >= TimeSpan.FromMinutes(20));
    }

    [Fact]
    public async Task A_provider_that_does_not_say_when_confirms_only_somebody_who_has_nothing_else()
    {
        var google = FakePerson.OfGoogle();
        using var browser = await _identity.SignedInAsync("google", google);
        var userId = (await _identity.FindAsync("google", google.Subject))!.UserId;
        _identity.Providers.Google.Alter = claims => claims.Remove("auth_time");

        using var only = await _identity.SignInAsync(browser, "google", google, "?purpose=confirm&returnUrl=%2Faccount%2Flinks");
        await _identity.WithDatabaseAsync(db => db.Users.Where(user => user.Id == userId)
            .ExecuteUpdateAsync(update => update.SetProperty(user => user.PasswordHash, "a hash")));
        var before = await AuthenticatedAtAsync(userId);
        _identity.Clock.Advance(TimeSpan.FromMinutes(1));
        _identity.Providers.Google.Alter = claims => claims.Remove("auth_time");
        using var oneOfTwo = await _identity.SignInAsync(browser, "google", google, "?purpose=confirm&returnUrl=%2Faccount%2Flinks");

        Assert.Equal("/account/links", only.Headers.Location?.OriginalString);
        Assert.Contains("did not ask you again", await oneOfTwo.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(before, await AuthenticatedAtAsync(userId));
    }

    [Fact]
    public async Task Another_site_cannot_cause_a_confirmation()
    {
        using var browser = await _identity.SignedInAsync("google", FakePerson.OfGoogle());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/login/external/google?purpose=confirm");
        request.Headers.Add("Sec-Fetch-Site", "cross-site");

        using var response = await browser.Client.SendAsync(request);

        Assert.Equal("/account/confirm?returnUrl=%2Faccount", response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_pending_link_can_be_declined_and_then_nothing_is_left_of_it()
    {
        using var browser = await _identity.SignedInAsync("google", FakePerson.OfGoogle());
        var telegram = FakePerson.OfTelegram();
        using var asked = await _identity.SignInAsync(browser, "telegram", telegram);

        using var declined = await browser.SubmitAsync("/account/links/pending", "/account/links/pending/decline");
        using var page = await browser.GetAsync("/account/links/pending");

        Assert.Equal("/account/links", declined.Headers.Location?.OriginalString);
        Assert.Equal("/account/links", page.Headers.Location?.OriginalString);
        Assert.Null(await _identity.FindAsync("telegram", telegram.Subject));
    }

    [Theory]
    [InlineData("ru", "Связанные аккаунты")]
    [InlineData("uk", "Пов")]
    public async Task The_page_speaks_the_readers_language(string language, string heading)
    {
        using var browser = await _identity.SignedInAsync("google", FakePerson.OfGoogle());
        browser.Client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);

        Assert.Contains(heading, await browser.ReadAsync("/account/links"), StringComparison.Ordinal);
    }

    private Task<DateTimeOffset> AuthenticatedAtAsync(Guid userId) => _identity.WithDatabaseAsync(db =>
        db.Sessions.Where(session => session.UserId == userId).Select(session => session.AuthenticatedAt).SingleAsync());
}
