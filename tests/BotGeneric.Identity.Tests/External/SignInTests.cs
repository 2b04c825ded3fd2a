using System.Net;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Domain;
using BotGeneric.Testing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.External;

[Collection(ExternalCollection.Name)]
public sealed class SignInTests : IDisposable
{
    private readonly ExternalApplication _identity;

    public SignInTests(ExternalApplication identity)
    {
        _identity = identity;
        _identity.Providers.Reset();
    }

    public void Dispose() => _identity.Providers.Reset();

    [Fact]
    public async Task Somebody_new_gets_an_account_with_the_verified_address_in_the_language_of_the_page()
    {
        var person = FakePerson.OfGoogle(ExternalApplication.NewEmail());
        using var browser = _identity.OpenBrowser();
        browser.Client.DefaultRequestHeaders.AcceptLanguage.ParseAdd("uk");

        using var response = await _identity.SignInAsync(browser, "google", person, "?returnUrl=%2Faccount%2Flinks");

        Assert.Equal("/account/links", response.Headers.Location?.OriginalString);
        var user = await _identity.UserOfAsync("google", person);
        Assert.Equal((person.Email, true, "uk", "Anna Nova"), (user.Email, user.EmailConfirmed, user.Language, user.DisplayName));
        Assert.Contains("Google", await browser.ReadAsync("/account/links"), StringComparison.Ordinal);
        await Eventually.GetAsync(
            () => Task.FromResult((_identity.Registered.Count(e => e.UserId == user.Id), _identity.Linked.Count(e => e.UserId == user.Id))),
            counts => counts == (1, 1), "the events of a registration");
        var actions = await _identity.WithDatabaseAsync(db => db.AuditEntries.Where(entry => entry.UserId == user.Id).Select(entry => entry.Action).ToListAsync());
        Assert.Subset(actions.ToHashSet(), new HashSet<string> { AuditActions.UserRegistered, AuditActions.IdentityLinked, AuditActions.SignedIn });
        var session = await _identity.WithDatabaseAsync(db => db.Sessions.SingleAsync(candidate => candidate.UserId == user.Id));
        Assert.Equal(["google"], session.Methods);
    }

    [Theory]
    [InlineData("google")]
    [InlineData("apple")]
    [InlineData("telegram")]
    public async Task The_same_person_comes_back_to_the_same_account(string provider)
    {
        var person = provider switch
        {
            "google" => FakePerson.OfGoogle(),
            "apple" => FakePerson.OfApple(),
            _ => FakePerson.OfTelegram(),
        };
        using var first = await _identity.SignedInAsync(provider, person);
        using var second = await _identity.SignedInAsync(provider, person);

        var link = await _identity.FindAsync(provider, person.Subject);
        Assert.Equal(2, await _identity.WithDatabaseAsync(db => db.Sessions.CountAsync(session => session.UserId == link!.UserId)));
    }

    [Fact]
    public async Task An_unverified_address_counts_as_none()
    {
        var email = ExternalApplication.NewEmail();
        await _identity.AddAccountAsync(email);
        var person = FakePerson.OfGoogle(email, verified: false);

        using var browser = await _identity.SignedInAsync("google", person);

        Assert.Null((await _identity.UserOfAsync("google", person)).Email);
    }

    [Fact]
    public async Task An_address_that_has_an_account_creates_none_and_is_linked_after_signing_in_to_it()
    {
        var email = ExternalApplication.NewEmail();
        var (user, telegram) = await _identity.AddAccountAsync(email);
        var person = FakePerson.OfGoogle(email.ToUpperInvariant());
        using var browser = _identity.OpenBrowser();

        using var refused = await _identity.SignInAsync(browser, "google", person);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("/login?returnUrl=%2Faccount%2Flinks%2Fpending", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Null(await _identity.FindAsync("google", person.Subject));

        using var signedIn = await _identity.SignInAsync(browser, "telegram", telegram, "?returnUrl=%2Faccount%2Flinks%2Fpending");
        using var linked = await browser.SubmitAsync(signedIn.Headers.Location!.OriginalString, "/account/links/pending");

        Assert.Equal("/account/links?done=linked&provider=google", linked.Headers.Location?.OriginalString);
        Assert.Equal(user.Id, (await _identity.FindAsync("google", person.Subject))!.UserId);
    }

    [Fact]
    public async Task Somebody_who_came_through_Telegram_is_whole_without_an_address()
    {
        var person = FakePerson.OfTelegram();
        using var browser = await _identity.SignedInAsync("telegram", person);

        var user = await _identity.UserOfAsync("telegram", person);
        Assert.Equal((null, null, "Ivan"), (user.Email, user.NormalizedEmail, user.DisplayName));
        Assert.Contains("Ivan", await browser.ReadAsync("/account/links"), StringComparison.Ordinal);
        var registered = (await Eventually.GetAsync(
            () => Task.FromResult(_identity.Registered.FirstOrDefault(e => e.UserId == user.Id)), e => e is not null, "UserRegistered"))!;
        Assert.Null(registered.Email);
        Assert.Empty(await _identity.WithDatabaseAsync(db => db.Users.Where(other => other.Email!.Contains("telegram")).ToListAsync()));
    }

    [Fact]
    public async Task The_callback_works_once()
    {
        var person = FakePerson.OfGoogle();
        using var browser = _identity.OpenBrowser();
        var reply = _identity.Providers.Google.Approve(await ExternalApplication.StartAsync(browser, "google"), person);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ExternalApplication.ReturnAsync(browser, reply)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Redirect);
        Assert.Equal(3, answers.Count(answer => answer.StatusCode == HttpStatusCode.BadRequest));
        Assert.Equal(1, _identity.Providers.Google.Exchanges);
        using var again = await ExternalApplication.ReturnAsync(browser, reply);
        Assert.Contains("used already", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_browser_cannot_bring_the_answer_and_does_not_spoil_it()
    {
        var person = FakePerson.OfGoogle();
        using var victim = _identity.OpenBrowser();
        using var attacker = _identity.OpenBrowser();
        var reply = _identity.Providers.Google.Approve(await ExternalApplication.StartAsync(attacker, "google"), person);

        using var without = await ExternalApplication.ReturnAsync(victim, reply);
        await ExternalApplication.StartAsync(victim, "google");
        using var withAnother = await ExternalApplication.ReturnAsync(victim, reply);
        using var own = await ExternalApplication.ReturnAsync(attacker, reply);

        Assert.Contains("Another browser", await without.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("Another browser", await withAnother.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, own.StatusCode);
    }

    [Fact]
    public async Task An_attempt_ends_after_ten_minutes()
    {
        using var browser = _identity.OpenBrowser();
        var reply = _identity.Providers.Google.Approve(await ExternalApplication.StartAsync(browser, "google"), FakePerson.OfGoogle());
        _identity.Clock.Advance(TimeSpan.FromMinutes(10));

        using var late = await ExternalApplication.ReturnAsync(browser, reply);

        Assert.Equal(HttpStatusCode.BadRequest, late.StatusCode);
        Assert.Contains("too long", await late.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, _identity.Providers.Google.Exchanges);
    }

    [Theory]
    [InlineData("google", "access_denied", HttpStatusCode.BadRequest)]
    [InlineData("telegram", "access_denied", HttpStatusCode.BadRequest)]
    [InlineData("apple", "user_cancelled_authorize", HttpStatusCode.BadRequest)]
    [InlineData("google", "server_error", HttpStatusCode.BadGateway)]
    public async Task Somebody_who_cancels_is_told_so_and_the_attempt_is_over(string provider, string error, HttpStatusCode expected)
    {
        using var browser = _identity.OpenBrowser();
        var request = await ExternalApplication.StartAsync(browser, provider);

        using var answer = await ExternalApplication.ReturnAsync(browser, _identity.Providers[provider].Refuse(request, error));
        using var afterwards = await ExternalApplication.ReturnAsync(browser, _identity.Providers[provider].Approve(request, FakePerson.OfTelegram()));

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, afterwards.StatusCode);
    }

    [Fact]
    public async Task An_answer_is_not_taken_at_the_callback_of_another_provider_or_from_another_issuer()
    {
        using var browser = _identity.OpenBrowser();
        var reply = _identity.Providers.Google.Approve(await ExternalApplication.StartAsync(browser, "google"), FakePerson.OfGoogle());

        using var elsewhere = await browser.GetAsync(reply.Query.Replace("/google/", "/telegram/", StringComparison.Ordinal));
        using var byGet = await browser.GetAsync(reply.Query.Replace("/google/", "/apple/", StringComparison.Ordinal));
        using var ofAnother = await ExternalApplication.ReturnAsync(browser, reply.With("iss", "https://telegram.test"));

        Assert.Equal(HttpStatusCode.BadRequest, elsewhere.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, byGet.StatusCode);
        Assert.Equal(HttpStatusCode.BadGateway, ofAnother.StatusCode);
        Assert.Equal(0, _identity.Providers.Google.Exchanges + _identity.Providers.Telegram.Exchanges);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("/\t/evil.example/")]
    [InlineData("javascript:alert(1)")]
    public async Task Nobody_is_sent_to_another_site_afterwards(string returnUrl)
    {
        using var browser = _identity.OpenBrowser();

        using var response = await _identity.SignInAsync(browser, "google", FakePerson.OfGoogle(), $"?returnUrl={Uri.EscapeDataString(returnUrl)}");

        Assert.Equal("/account", response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_code_is_sent_once_even_when_the_provider_fails()
    {
        _identity.Providers.Google.TokenStatus = HttpStatusCode.ServiceUnavailable;
        using var browser = _identity.OpenBrowser();

        using var response = await _identity.SignInAsync(browser, "google", FakePerson.OfGoogle());

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(1, _identity.Providers.Google.Exchanges);
    }

    [Fact]
    public async Task One_person_who_is_new_in_two_browsers_at_once_gets_one_account()
    {
        var person = FakePerson.OfGoogle(ExternalApplication.NewEmail());
        var browsers = Enumerable.Range(0, 3).Select(_ => _identity.OpenBrowser()).ToList();
        var replies = new List<ProviderReply>();
        foreach (var browser in browsers)
        {
            replies.Add(_identity.Providers.Google.Approve(await ExternalApplication.StartAsync(browser, "google"), person));
        }

        var answers = await Task.WhenAll(browsers.Zip(replies, ExternalApplication.ReturnAsync));

        Assert.All(answers, answer => Assert.Equal("/account", answer.Headers.Location?.OriginalString));
        Assert.Equal(1, await _identity.WithDatabaseAsync(db => db.Users.CountAsync(user => user.Email == person.Email)));
        browsers.ForEach(browser => browser.Dispose());
    }

    [Fact]
    public async Task Somebody_who_is_locked_is_not_signed_in()
    {
        var person = FakePerson.OfGoogle();
        using var before = await _identity.SignedInAsync("google", person);
        var id = (await _identity.FindAsync("google", person.Subject))!.UserId;
        await _identity.WithDatabaseAsync(async db =>
        {
            (await db.Users.SingleAsync(user => user.Id == id)).Lock(_identity.Clock.GetUtcNow(), "test");
            return await db.SaveChangesAsync();
        });
        using var browser = _identity.OpenBrowser();

        using var response = await _identity.SignInAsync(browser, "google", person);

        Assert.Equal("/login/locked", response.Headers.Location?.OriginalString);
        using var page = await browser.GetAsync("/account/links");
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
    }

    [Fact]
    public async Task Two_accounts_that_both_know_a_Telegram_person_are_left_as_they_are()
    {
        var person = FakePerson.OfTelegram();
        await _identity.AddAccountAsync(ExternalApplication.NewEmail());
        var (first, second) = (await _identity.AddAccountAsync(ExternalApplication.NewEmail()), await _identity.AddAccountAsync(ExternalApplication.NewEmail()));
        await _identity.WithDatabaseAsync(async db =>
        {
            await db.ExternalIdentities.Where(link => link.UserId == first.User.Id || link.UserId == second.User.Id).ExecuteDeleteAsync();
            db.ExternalIdentities.Add(ExternalIdentity.Link(first.User.Id, "telegram", person.Subject, null, _identity.Clock.GetUtcNow()));
            db.ExternalIdentities.Add(ExternalIdentity.Link(second.User.Id, "telegram", null, $"{person.TelegramId}", _identity.Clock.GetUtcNow()));
            return await db.SaveChangesAsync();
        });
        using var browser = _identity.OpenBrowser();

        using var response = await _identity.SignInAsync(browser, "telegram", person);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Contains("Two accounts", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_is_not_configured_does_not_exist()
    {
        using var browser = _identity.OpenBrowser();
        using var start = await browser.GetAsync("/login/external/github");
        using var callback = await browser.GetAsync("/account/external/github/callback?state=a&code=b");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (start.StatusCode, callback.StatusCode));
    }

    [Fact]
    public async Task What_was_asked_twice_in_an_answer_counts_as_not_said()
    {
        using var browser = _identity.OpenBrowser();
        var reply = _identity.Providers.Google.Approve(await ExternalApplication.StartAsync(browser, "google"), FakePerson.OfGoogle());

        using var response = await browser.GetAsync(QueryHelpers.AddQueryString(reply.Query, "state", "another"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(0, _identity.Providers.Google.Exchanges);
    }
}
