using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;

namespace BotGeneric.Web.Tests;

/// <summary>Telegram opens the Mini App with signed data behind the # of its address; the page's script takes it from there.</summary>
[Collection(WebSystem.Collection)]
public sealed class MiniAppTests(WebSystem system)
{
    private const string MiniApp = "/account/external/telegram/mini-app?returnUrl=/account/links";

    [Fact]
    public async Task Who_opens_the_mini_app_is_signed_in_and_the_data_leaves_the_address()
    {
        var page = await system.OpenBrowserAsync();

        await OpenAsync(page, await SignAsync("boris"));

        await page.ArriveAsync(url => url.EndsWith("/account/links", StringComparison.Ordinal));
        await page.WaitForSelectorAsync("form[action='/account/links/telegram/remove']");
        await page.GoBackAsync();
        Assert.DoesNotContain("tgWebAppData", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forged_and_replayed_data_signs_nobody_in()
    {
        var page = await system.OpenBrowserAsync();
        var genuine = await SignAsync("vira");
        var forged = genuine.Replace("first_name", "last__name", StringComparison.Ordinal);
        Assert.NotEqual(genuine, forged);

        await OpenAsync(page, forged);
        await page.WaitForSelectorAsync(".notice-error");
        await AssertSignedOutAsync(page);

        await OpenAsync(page, genuine);
        await page.ArriveAsync(url => url.EndsWith("/account/links", StringComparison.Ordinal));

        var thief = await system.OpenBrowserAsync();
        await OpenAsync(thief, genuine);
        await thief.WaitForSelectorAsync(".notice-error");
        await AssertSignedOutAsync(thief);
    }

    // Another page first: an address that differs behind the # only would not load the page again.
    private static async Task OpenAsync(IPage page, string initData)
    {
        await page.GotoAsync("about:blank");
        await page.GotoAsync($"{MiniApp}#tgWebAppData={Uri.EscapeDataString(initData)}&tgWebAppVersion=9.1&tgWebAppPlatform=web");
    }

    private static async Task AssertSignedOutAsync(IPage page)
    {
        await page.GotoAsync("/account");
        Assert.Contains("/login", page.Url, StringComparison.Ordinal);
    }

    private async Task<string> SignAsync(string person)
    {
        using var client = new HttpClient { BaseAddress = system.Application.AddressOf("simulators") };
        using var response = await client.PostAsJsonAsync("/sign-in/control/telegram/init-data", new { person });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("initData").GetString()!;
    }
}
