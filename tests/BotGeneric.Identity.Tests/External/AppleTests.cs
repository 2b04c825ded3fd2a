using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.External;

[Collection(ExternalCollection.Name)]
public sealed class AppleTests : IDisposable
{
    private readonly ExternalApplication _identity;

    public AppleTests(ExternalApplication identity)
    {
        _identity = identity;
        _identity.Providers.Reset();
    }

    public void Dispose() => _identity.Providers.Reset();

    [Fact]
    public async Task The_name_that_comes_once_is_kept_when_it_does_not_come_again()
    {
        var person = FakePerson.OfApple(ExternalApplication.NewEmail());
        using var browser = _identity.OpenBrowser();
        var first = _identity.Providers.Apple.Approve(await ExternalApplication.StartAsync(browser, "apple"), person)
            .With("user", """{"name":{"firstName":"Vira","lastName":"Tykha"},"email":"forged@example.com"}""");
        using var signedIn = await ExternalApplication.ReturnAsync(browser, first);
        using var again = await _identity.SignInAsync(browser, "apple", person);

        var link = (await _identity.FindAsync("apple", person.Subject))!;
        var user = await _identity.UserAsync(link.UserId);
        Assert.Equal(("Vira Tykha", "Vira Tykha", person.Email), (link.DisplayName, user.DisplayName, user.Email));
        Assert.True(link.EmailVerified);
        Assert.Equal("/account", again.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task The_form_that_Apples_page_posts_needs_no_cookie_and_decides_nothing()
    {
        var person = FakePerson.OfApple();
        using var browser = _identity.OpenBrowser();
        var reply = _identity.Providers.Apple.Approve(await ExternalApplication.StartAsync(browser, "apple"), person);
        // What a browser does with a POST from another site: it leaves the cookies out.
        using var withoutCookies = _identity.OpenBrowser();
        using var form = new FormUrlEncodedContent(reply.Values);
        using var posted = await withoutCookies.Client.PostAsync(new Uri(reply.Address), form);
        var next = posted.Headers.Location!.OriginalString;

        Assert.Equal(HttpStatusCode.SeeOther, posted.StatusCode);
        Assert.False(posted.Headers.Contains("Set-Cookie"));
        Assert.StartsWith("/account/external/apple/complete?ticket=", next, StringComparison.Ordinal);
        Assert.DoesNotContain(reply.Values["code"], next, StringComparison.Ordinal);
        using var elsewhere = await withoutCookies.GetAsync(next);
        Assert.Equal(HttpStatusCode.BadRequest, elsewhere.StatusCode);
        using var own = await browser.GetAsync(next);
        Assert.Equal("/account", own.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_ticket_that_was_altered_or_is_late_is_refused()
    {
        using var browser = _identity.OpenBrowser();
        var reply = _identity.Providers.Apple.Approve(await ExternalApplication.StartAsync(browser, "apple"), FakePerson.OfApple());
        using var form = new FormUrlEncodedContent(reply.Values);
        using var posted = await browser.Client.PostAsync(new Uri(reply.Address), form);
        var next = posted.Headers.Location!.OriginalString;
        _identity.Clock.Advance(TimeSpan.FromMinutes(2));

        using var late = await browser.GetAsync(next);
        using var altered = await browser.GetAsync(next[..^4] + "AAAA");
        using var none = await browser.GetAsync("/account/external/apple/complete");

        Assert.All([late, altered, none], response => Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode));
    }

    [Fact]
    public async Task A_form_that_is_none_is_refused()
    {
        using var browser = _identity.OpenBrowser();
        var address = new Uri("/account/external/apple/callback", UriKind.Relative);
        using var empty = await browser.Client.PostAsync(address, new FormUrlEncodedContent([]));
        using var json = await browser.Client.PostAsJsonAsync(address, new { state = "a", code = "b" });

        Assert.All([empty, json], response => Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode));
    }

    [Fact]
    public async Task A_relay_is_recognised()
    {
        var person = FakePerson.OfApple($"{Guid.NewGuid():N}@privaterelay.appleid.com");
        using var browser = await _identity.SignedInAsync("apple", person);

        Assert.Contains("Apple forwards mail", await browser.ReadAsync("/account/links"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("consent-revoked")]
    [InlineData("account-delete")]
    public async Task Somebody_who_withdraws_consent_is_unlinked_and_signed_out_once(string type)
    {
        var (person, telegram) = (FakePerson.OfApple(), FakePerson.OfTelegram());
        using var browser = await _identity.SignedInAsync("apple", person);
        using var linked = await _identity.LinkAsync(browser, "telegram", telegram);
        var userId = (await _identity.FindAsync("telegram", telegram.Subject))!.UserId;
        var payload = Notification(type, person.Subject);

        Assert.Equal(HttpStatusCode.OK, await NotifyAsync(payload));
        Assert.Null(await _identity.FindAsync("apple", person.Subject));
        using var page = await browser.GetAsync("/account/links");
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);

        using var again = await _identity.SignedInAsync("telegram", telegram);
        var statuses = await Task.WhenAll(NotifyAsync(payload), NotifyAsync(payload));
        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
        await again.ReadAsync("/account/links");
        Assert.Equal(1, await _identity.WithDatabaseAsync(db => db.AuditEntries.CountAsync(
            entry => entry.UserId == userId && entry.Action == "identity.provider-notified")));
    }

    [Fact]
    public async Task The_last_way_in_outlives_a_withdrawn_consent_so_that_the_person_can_come_back()
    {
        var person = FakePerson.OfApple();
        using var browser = await _identity.SignedInAsync("apple", person);

        Assert.Equal(HttpStatusCode.OK, await NotifyAsync(Notification("consent-revoked", person.Subject)));

        using var page = await browser.GetAsync("/account/links");
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.NotNull(await _identity.FindAsync("apple", person.Subject));
    }

    [Fact]
    public async Task A_notification_that_Apple_did_not_sign_for_us_does_nothing()
    {
        var person = FakePerson.OfApple();
        using var browser = await _identity.SignedInAsync("apple", person);
        var apple = _identity.Providers.Apple;
        var now = _identity.Clock.GetUtcNow();
        apple.Sign = apple.SignWithAnotherKey;
        var forged = Notification("consent-revoked", person.Subject);
        apple.Sign = FakeProvider.Unsigned;
        var unsigned = Notification("consent-revoked", person.Subject);
        apple.Sign = null;
        string[] payloads =
        [
            forged, unsigned, "nonsense", string.Empty,
            Notification("consent-revoked", person.Subject, claims => claims["aud"] = "another"),
            Notification("consent-revoked", person.Subject, claims => claims["iss"] = "https://evil.test"),
            Notification("consent-revoked", person.Subject, claims => claims["iat"] = now.AddDays(-8).ToUnixTimeSeconds()),
            Notification("consent-revoked", person.Subject, claims => claims.Remove("jti")),
            Notification("consent-revoked", person.Subject, claims => claims["events"] = "[]"),
        ];
        foreach (var payload in payloads)
        {
            Assert.Equal(HttpStatusCode.BadRequest, await NotifyAsync(payload));
        }

        await browser.ReadAsync("/account/links");
    }

    [Theory]
    [InlineData("email-disabled")]
    [InlineData("email-enabled")]
    [InlineData("something-new")]
    public async Task Other_notifications_are_taken_note_of(string type)
    {
        var person = FakePerson.OfApple();
        using var browser = await _identity.SignedInAsync("apple", person);

        Assert.Equal(HttpStatusCode.OK, await NotifyAsync(Notification(type, person.Subject)));
        Assert.Equal(HttpStatusCode.OK, await NotifyAsync(Notification(type, "somebody unknown")));
        await browser.ReadAsync("/account/links");
    }

    private string Notification(string type, string subject, Action<JsonObject>? alter = null)
    {
        var claims = new JsonObject
        {
            ["iss"] = _identity.Providers.Apple.Issuer,
            ["aud"] = _identity.Providers.Apple.ClientId,
            ["iat"] = _identity.Clock.GetUtcNow().ToUnixTimeSeconds(),
            ["jti"] = Guid.NewGuid().ToString("N"),
            ["events"] = JsonSerializer.Serialize(new { type, sub = subject, event_time = _identity.Clock.GetUtcNow().ToUnixTimeMilliseconds() }),
        };
        alter?.Invoke(claims);
        return _identity.Providers.Apple.SignToken(claims);
    }

    private async Task<HttpStatusCode> NotifyAsync(string payload)
    {
        using var client = _identity.CreateClient();
        using var response = await client.PostAsJsonAsync("/account/external/apple/notifications", new { payload, more = 1 });
        return response.StatusCode;
    }
}
