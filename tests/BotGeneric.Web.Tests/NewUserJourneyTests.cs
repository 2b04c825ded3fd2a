using System.Net;
using System.Net.Http.Headers;
using BotGeneric.Testing;
using Microsoft.Playwright;

namespace BotGeneric.Web.Tests;

/// <summary>What a new user does in the first hour, through the gateway, with a browser.</summary>
[Collection(WebSystem.Collection)]
public sealed class NewUserJourneyTests(WebSystem system)
{
    [Fact]
    public async Task From_registration_to_a_key_that_is_revoked()
    {
        var anna = await Person.RegisterAsync(system);
        var page = anna.Page;
        var (secret, _) = await anna.EnableTotpAsync();
        await SignOutAndInAsync(anna, secret);
        await LinkTelegramAsync(page);
        var key = await anna.CreateKeyAsync();

        using var client = new HttpClient { BaseAddress = system.Application.Gateway };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using (var accepted = await client.GetAsync(new Uri("/api/users/me", UriKind.Relative)))
        {
            var body = await accepted.Content.ReadAsStringAsync();
            Assert.True(accepted.IsSuccessStatusCode, $"{body}\n{string.Join('\n', system.Application.Output.TakeLast(20))}");
            Assert.Contains(anna.Address, body, StringComparison.Ordinal);
        }

        await page.GotoAsync("/account/keys");
        await page.Locator("form[action$='/revoke'] button").First.ClickAsync();
        await page.WaitForSelectorAsync(".notice-success");
        await Eventually.EqualAsync(HttpStatusCode.Unauthorized, async () => await StatusAsync(client), "the answer to a revoked key");
    }

    [Fact]
    public async Task A_new_password_ends_the_other_sessions()
    {
        var petro = await Person.RegisterAsync(system, "uk");
        var second = await system.OpenBrowserAsync();

        await second.GotoAsync("/login/forgot");
        await second.FillAsync("[name=email]", petro.Address);
        await second.ClickAsync("form button[type=submit], form button:not([type])");
        await second.GotoAsync((await Inbox.LinkAsync(system, petro.Address, "/login/reset")).AbsoluteUri);
        await second.FillAsync("[name=password]", "another horse that counts to 42");
        await second.ClickAsync("main form button");
        await second.ArriveAsync(url => !url.Contains("token=", StringComparison.Ordinal));

        await petro.Page.GotoAsync("/account");
        Assert.Contains("/login", petro.Page.Url, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var response = await client.GetAsync(new Uri("/api/users/me", UriKind.Relative));
        return response.StatusCode;
    }

    private static async Task LinkTelegramAsync(IPage page)
    {
        await page.GotoAsync("/account/links");
        await page.ClickAsync("form[action='/account/links/telegram'] button");
        await page.ArriveAsync(url => url.Contains("/sign-in/telegram", StringComparison.Ordinal));
        await page.Locator("button[name=person]").First.ClickAsync();
        await page.ArriveAsync(url => url.Contains("/account/links", StringComparison.Ordinal));
        await page.WaitForSelectorAsync("form[action='/account/links/telegram/remove']");
    }

    private static async Task SignOutAndInAsync(Person person, string secret)
    {
        var page = person.Page;
        await page.Context.ClearCookiesAsync();
        await person.SignInAsync("/account/security");
        await page.ArriveAsync(url => url.Contains("/login/second-factor", StringComparison.Ordinal));
        // The code that was shown while setting up is used up.
        await page.FillAsync("[name=code]", TotpCode.Of(secret, step: 1));
        await page.ClickAsync("main form button");
        await page.ArriveAsync(url => url.EndsWith("/account/security", StringComparison.Ordinal));
    }
}
