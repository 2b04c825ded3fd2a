using System.Net;
using System.Net.Http.Headers;
using BotGeneric.Testing;
using Microsoft.Playwright;

namespace BotGeneric.Web.Tests;

/// <summary>What a new user does in the first hour, through the gateway, with a browser.</summary>
[Collection(WebSystem.Collection)]
public sealed class NewUserJourneyTests(WebSystem system)
{
    private const string Password = "a horse that counts to 41";

    [Fact]
    public async Task From_registration_to_a_key_that_is_revoked()
    {
        var address = $"anna-{Guid.CreateVersion7():N}@example.com";
        var page = await system.OpenBrowserAsync();

        await RegisterAsync(page, address);
        var secret = await EnableTotpAsync(page);
        await SignOutAndInAsync(page, address, secret);
        await LinkTelegramAsync(page);
        var key = await CreateKeyAsync(page);

        using var client = new HttpClient { BaseAddress = system.Application.Gateway };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using (var accepted = await client.GetAsync(new Uri("/api/users/me", UriKind.Relative)))
        {
            var body = await accepted.Content.ReadAsStringAsync();
            Assert.True(accepted.IsSuccessStatusCode, $"{body}\n{string.Join('\n', system.Application.Output.TakeLast(20))}");
            Assert.Contains(address, body, StringComparison.Ordinal);
        }

        await page.GotoAsync("/account/keys");
        await page.Locator("form[action$='/revoke'] button").First.ClickAsync();
        await page.WaitForSelectorAsync(".notice-success");
        await Eventually.EqualAsync(HttpStatusCode.Unauthorized, async () => await StatusAsync(client), "the answer to a revoked key");
    }

    [Fact]
    public async Task A_new_password_ends_the_other_sessions()
    {
        var address = $"petro-{Guid.CreateVersion7():N}@example.com";
        var first = await system.OpenBrowserAsync("uk");
        await RegisterAsync(first, address);
        var second = await system.OpenBrowserAsync();

        await second.GotoAsync("/login/forgot");
        await second.FillAsync("[name=email]", address);
        await second.ClickAsync("form button[type=submit], form button:not([type])");
        await second.GotoAsync((await Inbox.LinkAsync(system, address, "/login/reset")).AbsoluteUri);
        await second.FillAsync("[name=password]", "another horse that counts to 42");
        await second.ClickAsync("main form button");
        await second.WaitForURLAsync(url => !url.Contains("token=", StringComparison.Ordinal));

        await first.GotoAsync("/account");
        Assert.Contains("/login", first.Url, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var response = await client.GetAsync(new Uri("/api/users/me", UriKind.Relative));
        return response.StatusCode;
    }

    private static async Task<string> CreateKeyAsync(IPage page)
    {
        await page.GotoAsync("/account/keys/new");
        await page.FillAsync("[name=name]", "Laptop");
        await page.CheckAsync("[name=scopes][value='users:read']");
        await page.ClickAsync("main form[action='/account/keys/new'] button[type=submit]");
        return (await page.InnerTextAsync("#secret")).Trim();
    }

    private static async Task LinkTelegramAsync(IPage page)
    {
        await page.GotoAsync("/account/links");
        await page.ClickAsync("form[action='/account/links/telegram'] button");
        await page.WaitForURLAsync(url => url.Contains("/sign-in/telegram", StringComparison.Ordinal));
        await page.Locator("button[name=person]").First.ClickAsync();
        await page.WaitForURLAsync(url => url.Contains("/account/links", StringComparison.Ordinal));
        await page.WaitForSelectorAsync("form[action='/account/links/telegram/remove']");
    }

    private static async Task SignOutAndInAsync(IPage page, string address, string secret)
    {
        await page.Context.ClearCookiesAsync();
        await page.GotoAsync("/login?returnUrl=/account/security");
        await page.FillAsync("[name=email]", address);
        await page.FillAsync("[name=password]", Password);
        await page.ClickAsync("form[action='/login'] button");
        await page.WaitForURLAsync(url => url.Contains("/login/second-factor", StringComparison.Ordinal));
        // The code that was shown while setting up is used up.
        await page.FillAsync("[name=code]", TotpCode.Of(secret, step: 1));
        await page.ClickAsync("main form button");
        await page.WaitForURLAsync(url => url.EndsWith("/account/security", StringComparison.Ordinal));
    }

    private static async Task<string> EnableTotpAsync(IPage page)
    {
        await page.GotoAsync("/account/security");
        await page.ClickAsync("form[action='/account/security/totp/start'] button");
        var secret = (await page.InnerTextAsync(".secret")).Trim();
        Assert.True(await page.EvaluateAsync<bool>("fetch('/account/security/totp/qr').then(answer => answer.ok)"), "There is no QR code.");
        await page.FillAsync("[name=code]", TotpCode.Of(secret));
        await page.ClickAsync("form[action='/account/security/totp'] button");
        await page.WaitForSelectorAsync(".secret, .list");
        return secret;
    }

    private async Task RegisterAsync(IPage page, string address)
    {
        await page.GotoAsync("/register");
        await page.FillAsync("[name=email]", address);
        await page.FillAsync("[name=password]", Password);
        await page.ClickAsync("form[action='/register'] button");
        await page.GotoAsync((await Inbox.LinkAsync(system, address, "/register/verify")).AbsoluteUri);
        await page.ClickAsync("form[action='/register/verify'] button");
        await page.WaitForURLAsync(url => !url.Contains("/register", StringComparison.Ordinal));
        await page.GotoAsync("/account");
        Assert.EndsWith("/account", page.Url, StringComparison.Ordinal);
    }
}
