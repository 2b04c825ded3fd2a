using System.Net;
using System.Web;
using BotGeneric.Identity.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.External;

[Collection(ExternalCollection.Name)]
public sealed class TelegramTests : IDisposable
{
    private const string MiniApp = "/account/external/telegram/mini-app";
    private const string Widget = "/account/external/telegram/widget";

    private readonly ExternalApplication _identity;

    public TelegramTests(ExternalApplication identity)
    {
        _identity = identity;
        _identity.Providers.Reset();
    }

    public void Dispose() => _identity.Providers.Reset();

    [Fact]
    public async Task One_person_is_one_account_through_every_door()
    {
        var person = FakePerson.OfTelegram();
        using var browser = _identity.OpenBrowser();
        using var fromMiniApp = await ShowAsync(browser, TelegramSigner.InitData(person, _identity.Clock.GetUtcNow()));
        Assert.Equal("/account", fromMiniApp.Headers.Location?.OriginalString);
        var first = (await _identity.FindTelegramAsync(person.TelegramId!.Value))!;
        Assert.Equal((null, "Ivan"), (first.Subject, first.DisplayName));

        using var byOpenId = await _identity.SignedInAsync("telegram", person);
        var second = (await _identity.FindAsync("telegram", person.Subject))!;
        using var fromWidget = await browser.SubmitAsync($"{Widget}?{TelegramSigner.Widget(person, _identity.Clock.GetUtcNow())}", Widget);

        Assert.NotEqual(person.Subject, $"{person.TelegramId}");
        Assert.Equal((first.Id, $"{person.TelegramId}"), (second.Id, second.ProviderUserId));
        Assert.Equal("/account", fromWidget.Headers.Location?.OriginalString);
        Assert.Equal(3, await _identity.WithDatabaseAsync(db => db.Sessions.CountAsync(session => session.UserId == first.UserId)));
    }

    [Fact]
    public async Task Data_of_a_Mini_App_works_once_however_it_is_spelled()
    {
        var data = TelegramSigner.InitData(FakePerson.OfTelegram(), _identity.Clock.GetUtcNow());
        var browsers = Enumerable.Range(0, 3).Select(_ => _identity.OpenBrowser()).ToList();

        var answers = await Task.WhenAll(browsers.Select(browser => ShowAsync(browser, data)));
        using var spelledOtherwise = await ShowAsync(browsers[0], data.Replace("%3A", "%3a", StringComparison.Ordinal).Replace("chat_instance=1", "chat_instance=%31", StringComparison.Ordinal));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Redirect);
        Assert.Equal(2, answers.Count(answer => answer.StatusCode == HttpStatusCode.BadRequest));
        Assert.Contains("used already", await spelledOtherwise.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        browsers.ForEach(browser => browser.Dispose());
    }

    [Theory]
    [InlineData(-301, "too old")]
    [InlineData(-800_000_000, "too old")]
    [InlineData(35, "too old")]
    public async Task Data_that_is_old_or_of_the_future_is_refused(int seconds, string words)
    {
        using var browser = _identity.OpenBrowser();

        using var response = await ShowAsync(browser, TelegramSigner.InitData(FakePerson.OfTelegram(), _identity.Clock.GetUtcNow().AddSeconds(seconds)));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(words, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_is_not_exactly_what_the_bots_token_signed_is_refused()
    {
        var (person, now) = (FakePerson.OfTelegram(), _identity.Clock.GetUtcNow());
        var valid = TelegramSigner.InitData(person, now);
        var hash = valid[(valid.IndexOf("hash=", StringComparison.Ordinal) + 5)..];
        string[] forgeries =
        [
            string.Empty, "&", "=", "hash", $"hash={hash}", "%", "a=%zz&hash=00",
            valid.Replace("ivan_77", "ivan_78", StringComparison.Ordinal),
            valid.Replace(hash, string.Empty, StringComparison.Ordinal),
            valid.Replace(hash, "zz" + hash[2..], StringComparison.Ordinal),
            valid.Replace(hash, hash[2..], StringComparison.Ordinal),
            valid.Replace(hash, hash + "00", StringComparison.Ordinal),
            valid.Replace("&hash=", "&hush=", StringComparison.Ordinal),
            valid + "&auth_date=1", valid + $"&hash={hash}", valid + "&auth%5Fdate=1", valid + "&more=1", valid + "&", valid + "&a=%", valid + "&a=%4", valid + "&a=%FF",
            // Two fields written as one with a line break inside have the same lines.
            valid.Replace("&chat_instance=", "%0Achat_instance=", StringComparison.Ordinal),
            TelegramSigner.InitData(person, now, token: "7000000002:the-token-of-another-bot-0123456789"),
            TelegramSigner.InitData(person, now, user: "{\"id\":\"1\"}"), TelegramSigner.InitData(person, now, user: "{\"id\":-5}"),
            TelegramSigner.InitData(person, now, user: "{\"id\":1e5}"), TelegramSigner.InitData(person, now, user: "[]"), TelegramSigner.InitData(person, now, user: "{"),
            TelegramSigner.InitData(person, now, user: "{\"id\":5,\"is_bot\":true}"),
            TelegramSigner.InitData(person, now, more: [("padding", new string('x', 4100))]),
            TelegramSigner.Widget(person, now),
        ];
        using var browser = _identity.OpenBrowser();
        var form = new Browser.Form(await browser.ReadAsync(MiniApp), MiniApp);
        foreach (var forgery in forgeries)
        {
            using var response = await browser.SubmitAsync(form, ("initData", forgery));
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{(int)response.StatusCode} for {forgery}");
        }

        Assert.Null(await _identity.FindTelegramAsync(person.TelegramId!.Value));
        using var accepted = await browser.SubmitAsync(form, ("initData", valid));
        Assert.Equal(HttpStatusCode.Redirect, accepted.StatusCode);
    }

    /// <summary>Telegram refuses a longer one. What the attempt has to remember, however much it is, stays here.</summary>
    [Theory]
    [InlineData("telegram")]
    [InlineData("google")]
    [InlineData("apple")]
    public async Task The_state_that_goes_out_is_at_most_256_characters_long_whatever_it_stands_for(string provider)
    {
        using var browser = _identity.OpenBrowser();

        var brief = await ExternalApplication.StartAsync(browser, provider);
        var wide = await ExternalApplication.StartAsync(browser, provider, $"?returnUrl=%2Faccount%3Fq%3D{new string('x', 1500)}");

        Assert.All([brief, wide], address =>
        {
            var state = HttpUtility.ParseQueryString(address.Query)["state"]!;
            Assert.InRange(state.Length, 43, 256);
            Assert.DoesNotContain("account", state, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Another_site_cannot_sign_somebody_in_with_its_own_data()
    {
        var person = FakePerson.OfTelegram();
        using var browser = _identity.OpenBrowser();
        using var form = new FormUrlEncodedContent([new("initData", TelegramSigner.InitData(person, _identity.Clock.GetUtcNow()))]);
        using var posted = await browser.Client.PostAsync(new Uri(MiniApp, UriKind.Relative), form);
        using var opened = await browser.GetAsync($"{Widget}?{TelegramSigner.Widget(person, _identity.Clock.GetUtcNow())}");

        Assert.Equal(HttpStatusCode.BadRequest, posted.StatusCode);
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        Assert.Contains("you are Ivan", await opened.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Null(await _identity.FindTelegramAsync(person.TelegramId!.Value));
    }

    [Fact]
    public async Task Data_of_the_widget_is_checked_when_the_page_opens_and_works_once()
    {
        var data = TelegramSigner.Widget(FakePerson.OfTelegram(), _identity.Clock.GetUtcNow());
        using var browser = _identity.OpenBrowser();
        using var forged = await browser.GetAsync($"{Widget}?{data.Replace("Ivan", "Igor", StringComparison.Ordinal)}");
        using var bare = await browser.GetAsync(Widget);
        var form = new Browser.Form(await browser.ReadAsync($"{Widget}?returnUrl=%2Faccount%2Flinks&{data}"), Widget);
        using var accepted = await browser.SubmitAsync(form);
        using var replayed = await browser.SubmitAsync(form);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (forged.StatusCode, bare.StatusCode));
        Assert.Equal("/account/links", accepted.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.BadRequest, replayed.StatusCode);
    }

    private static Task<HttpResponseMessage> ShowAsync(Browser browser, string initData) => browser.SubmitAsync(MiniApp, MiniApp, ("initData", initData));
}
