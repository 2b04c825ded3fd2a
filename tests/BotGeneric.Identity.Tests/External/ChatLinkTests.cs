using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Identity.External.Api;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Testing.Services;

namespace BotGeneric.Identity.Tests.External;

/// <summary>The way from a page to a chat with the bot and back.</summary>
[Collection(ExternalCollection.Name)]
public sealed class ChatLinkTests(ExternalApplication identity)
{
    private const string Page = "/account/links/telegram/chat";
    private const string Service = "sub=telegram;client_id=telegram;scope=telegram:write";

    private readonly long _id = 5_100_000_000 + Random.Shared.Next();

    [Fact]
    public async Task The_chat_is_joined_when_the_bots_user_and_the_page_have_both_agreed()
    {
        using var browser = await SignedInAsync();
        var token = await TokenAsync(browser);
        Assert.Equal("waiting", await StateAsync(browser));
        Assert.Contains("Waiting", await browser.ReadAsync(Page), StringComparison.Ordinal);

        var preview = await PostAsync<TelegramLinkPreview>("/preview", new { token });
        var asked = await PostAsync<TelegramLinkResult>(string.Empty, Coming(token));
        Assert.Null(await identity.FindTelegramAsync(_id));
        var state = await StateAsync(browser);
        var page = await browser.ReadAsync(Page);
        using var confirmed = await ConfirmAsync(browser);
        var linked = await PostAsync<TelegramLinkResult>(string.Empty, Coming(token));

        Assert.Matches("^l_[A-Za-z0-9_-]{43}$", token);
        Assert.Equal(("Anna Nova", "en"), (preview.DisplayName, preview.Language));
        Assert.Matches("^.•••@example.com$", preview.MaskedEmail);
        Assert.Equal((TelegramLinkStates.Asked, null), (asked.State, asked.UserId));
        Assert.Equal("asked", state);
        Assert.Contains("ivan_77", page, StringComparison.Ordinal);
        Assert.Contains($"({_id})", page, StringComparison.Ordinal);
        Assert.Equal("/account/links?done=linked&provider=telegram", confirmed.Headers.Location?.OriginalString);
        Assert.Equal((TelegramLinkStates.Linked, (await identity.FindTelegramAsync(_id))!.UserId), (linked.State, linked.UserId));
        Assert.Equal("over", await StateAsync(browser));
    }

    [Fact]
    public async Task A_link_that_was_stolen_is_refused_on_the_page_that_made_it()
    {
        using var browser = await SignedInAsync();
        var token = await TokenAsync(browser);
        await PostAsync<TelegramLinkResult>(string.Empty, Coming(token));

        using var declined = await browser.SubmitAsync(Page, $"{Page}/decline", ("link", await LinkIdAsync(browser)));
        using var again = await SendAsync(string.Empty, Coming(token));

        Assert.Equal("/account/links", declined.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        Assert.Null(await identity.FindTelegramAsync(_id));
        using var closed = await browser.GetAsync(Page);
        Assert.Equal("/account/links", closed.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task The_first_Telegram_user_who_comes_is_the_only_one()
    {
        using var browser = await SignedInAsync();
        var token = await TokenAsync(browser);
        await PostAsync<TelegramLinkResult>(string.Empty, Coming(token));

        using var second = await SendAsync(string.Empty, new { token, telegramUserId = _id + 1, username = "another" });

        Assert.Equal(HttpStatusCode.NotFound, second.StatusCode);
        Assert.Contains("ivan_77", await browser.ReadAsync(Page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_agrees_before_somebody_came_nor_in_another_session_nor_from_another_site()
    {
        var person = FakePerson.OfGoogle(ExternalApplication.NewEmail());
        using var browser = await identity.SignedInAsync("google", person);
        var token = await TokenAsync(browser);
        using var early = await PostAsync(browser, Guid.CreateVersion7().ToString());
        await PostAsync<TelegramLinkResult>(string.Empty, Coming(token));
        var link = await LinkIdAsync(browser);
        using var sameAccount = await identity.SignedInAsync("google", person);
        using var elsewhere = await PostAsync(sameAccount, link);
        using var stranger = await SignedInAsync();
        using var byStranger = await PostAsync(stranger, link);
        using var fields = new FormUrlEncodedContent([new("link", link)]);
        using var forged = await browser.Client.PostAsync(new Uri($"{Page}/confirm", UriKind.Relative), fields);

        Assert.All([early, elsewhere, byStranger, forged], response => Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode));
        Assert.Null(await identity.FindTelegramAsync(_id));
    }

    [Fact]
    public async Task Agreeing_needs_a_fresh_credential()
    {
        var person = FakePerson.OfGoogle(ExternalApplication.NewEmail());
        using var browser = await identity.SignedInAsync("google", person);
        var token = await TokenAsync(browser);
        await PostAsync<TelegramLinkResult>(string.Empty, Coming(token));
        identity.Clock.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));

        using var old = await ConfirmAsync(browser);
        Assert.Equal($"/account/confirm?returnUrl={Uri.EscapeDataString(Page)}", old.Headers.Location?.OriginalString);
        using var shown = await identity.SignInAsync(browser, "google", person, $"?purpose=confirm&returnUrl={Uri.EscapeDataString(Page)}");
        using var fresh = await ConfirmAsync(browser);

        Assert.Equal("/account/links?done=linked&provider=telegram", fresh.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Two_tabs_that_agree_at_once_join_the_chat_once()
    {
        using var browser = await SignedInAsync();
        var token = await TokenAsync(browser);
        await PostAsync<TelegramLinkResult>(string.Empty, Coming(token));
        var link = await LinkIdAsync(browser);

        var answers = await Task.WhenAll(PostAsync(browser, link), PostAsync(browser, link), PostAsync(browser, link));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Redirect);
        Assert.NotNull(await identity.FindTelegramAsync(_id));
    }

    [Fact]
    public async Task A_chat_is_not_moved_from_one_account_to_another()
    {
        var owner = FakePerson.OfTelegram();
        using var first = await identity.SignedInAsync("telegram", owner);
        var ownerId = (await identity.FindAsync("telegram", owner.Subject))!.UserId;
        using var browser = await SignedInAsync();

        using var known = await SendAsync(string.Empty, new { token = await TokenAsync(browser), telegramUserId = owner.TelegramId });
        var late = FakePerson.OfTelegram();
        await PostAsync<TelegramLinkResult>(string.Empty, new { token = await TokenAsync(browser), telegramUserId = late.TelegramId });
        using var meanwhile = await identity.SignedInAsync("telegram", late);
        using var confirmed = await ConfirmAsync(browser);

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict), (known.StatusCode, confirmed.StatusCode));
        Assert.Equal(ownerId, (await identity.FindTelegramAsync(owner.TelegramId!.Value))!.UserId);
    }

    [Fact]
    public async Task A_link_ends_after_ten_minutes_and_with_the_next_one()
    {
        using var browser = await SignedInAsync();
        var replaced = await TokenAsync(browser);
        var late = await TokenAsync(browser);
        using var old = await SendAsync("/preview", new { token = replaced });
        identity.Clock.Advance(TimeSpan.FromMinutes(10));
        using var expired = await SendAsync(string.Empty, Coming(late));
        using var unknown = await SendAsync(string.Empty, Coming("l_nonsense"));
        using var malformed = await SendAsync(string.Empty, new { token = late, telegramUserId = 0 });

        Assert.All([old, expired, unknown], response => Assert.Equal(HttpStatusCode.NotFound, response.StatusCode));
        Assert.Equal(HttpStatusCode.BadRequest, malformed.StatusCode);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("sub=telegram;client_id=telegram;scope=users:read", HttpStatusCode.Forbidden)]
    [InlineData("sub=web;client_id=web;scope=telegram:write", HttpStatusCode.Forbidden)]
    [InlineData("sub=0199a1f2-0000-7000-8000-000000000001;client_id=telegram;scope=telegram:write", HttpStatusCode.Forbidden)]
    public async Task Only_the_Telegram_service_itself_says_who_came(string? claims, HttpStatusCode expected)
    {
        using var response = await SendAsync(string.Empty, Coming("l_nonsense"), claims);

        Assert.Equal(expected, response.StatusCode);
    }

    private static async Task<string> TokenAsync(Browser browser)
    {
        using var response = await browser.SubmitAsync("/account/links", Page);
        var html = await response.Content.ReadAsStringAsync();
        const string Start = "http://chats.example:8123/telegram/test_bot?start=";
        var from = html.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        return html[from..html.IndexOf('"', from)];
    }

    private static async Task<string> LinkIdAsync(Browser browser)
    {
        var html = await browser.ReadAsync(Page);
        const string Before = "name=\"link\" value=\"";
        var from = html.IndexOf(Before, StringComparison.Ordinal) + Before.Length;
        return html[from..html.IndexOf('"', from)];
    }

    private static async Task<HttpResponseMessage> ConfirmAsync(Browser browser) =>
        await browser.SubmitAsync(Page, $"{Page}/confirm", ("link", await LinkIdAsync(browser)));

    // With the antiforgery token of another page: what is shown is not what is asked.
    private static async Task<HttpResponseMessage> PostAsync(Browser browser, string link)
    {
        var token = new Browser.Form(await browser.ReadAsync("/account/links"), "/account/links/apple").Hidden;
        using var content = new FormUrlEncodedContent([.. token, new("link", link)]);
        return await browser.Client.PostAsync(new Uri($"{Page}/confirm", UriKind.Relative), content);
    }

    private static async Task<string?> StateAsync(Browser browser) =>
        JsonDocument.Parse(await browser.ReadAsync($"{Page}/state")).RootElement.GetProperty("state").GetString();

    private Task<Browser> SignedInAsync() => identity.SignedInAsync("google", FakePerson.OfGoogle(ExternalApplication.NewEmail()));

    private object Coming(string token) => new { token, telegramUserId = _id, firstName = "Ivan", username = "ivan_77" };

    private async Task<T> PostAsync<T>(string path, object body)
    {
        using var response = await SendAsync(path, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<T>())!;
    }

    private async Task<HttpResponseMessage> SendAsync(string path, object body, string? claims = Service)
    {
        using var client = claims is null ? identity.CreateClient() : identity.CreateTokenClient(TokenOf(claims));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/internal/telegram/link{path}") { Content = JsonContent.Create(body) };
        return await client.SendAsync(request);
    }

    private static TestToken TokenOf(string claims)
    {
        var values = claims.Split(';').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return new TestToken { Subject = values["sub"], ClientId = values["client_id"], Scopes = [values["scope"]] };
    }
}
