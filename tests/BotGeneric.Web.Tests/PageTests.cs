using System.Globalization;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace BotGeneric.Web.Tests;

/// <summary>What only a browser tells about the pages: whether everybody can use them, and whether they fit.</summary>
[Collection(WebSystem.Collection)]
public sealed class PageTests(WebSystem system)
{
    private const int Phone = 360;
    private const int Shown = 5;

    // Long words and a long name, as they come.
    private const string LongName = "Олександра-Констянтинівна Верхньодніпровська-Заньковецька";
    private const string LongOrganization = "Дніпропетровське Електромашинобудівне Товариство";

    private static readonly string[] SignedOut =
    [
        "/status", "/login", "/login/locked", "/login/forgot", "/login/forgot/check-mail", "/login/reset?token=unknown", "/register",
        "/register/check-mail", "/register/verify?token=unknown", "/account/external/telegram/mini-app", "/account/external/telegram/widget?id=1",
        "/connect/authorize?client_id=nobody", "/connect/signed-out", "/nowhere", "/account/nowhere", "/session/callback?code=1&state=nothing",
        // The last: its language is remembered for the others.
        "/{language}",
    ];

    private static readonly string[] SignedIn =
    [
        "/account", "/account/security", "/account/security/password", "/account/security/email", "/account/links", "/account/sessions",
        "/account/applications", "/account/keys", "/account/keys/new", "/account/organizations", "/account/privacy", "/account/confirm",
        "/account/confirm?factor=mfa", "/account/device", "/connect/endsession", "/account/nowhere",
    ];

    private static readonly string[] Admin = ["/account/admin/clients", "/account/admin/clients/new", "/account/admin/clients/gateway"];

    private static readonly AxeRunOptions Rules = new()
    {
        RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
    };

    private static readonly AxeRunOptions Contrast = new() { RunOnly = new RunOnlyOptions { Type = "rule", Values = ["color-contrast"] } };

    [Fact]
    [Obsolete]
    public async Task No_page_breaks_a_rule_of_accessibility_in_light_or_dark()
    {
        var faults = new List<string>();
        foreach (var (state, pages) in await EveryPageAsync())
        {
            var page = await system.OpenBrowserAsync(state: state);
            foreach (var address in pages)
            {
                await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
                await GoAsync(page, address, "en");
                faults.AddRange(Faults(address, "light", await page.Locator("html").RunAxeLegacy(Rules)));
                await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
                faults.AddRange(Faults(address, "dark", await page.Locator("html").RunAxeLegacy(Contrast)));
            }

            await page.Context.CloseAsync();
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    [Obsolete]
    public async Task The_viewer_of_the_API_has_enough_contrast_in_light_and_dark()
    {
        var faults = new List<string>();
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            var page = await system.OpenBrowserAsync();
            await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
            await page.GotoAsync("/docs/");
            // Its script has put the first service's operations on the page.
            await page.Locator(".section-header, h1").First.WaitForAsync();
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            faults.AddRange(Faults("/docs/", scheme.ToString(), await page.Locator("html").RunAxeLegacy(Contrast)));
            await page.Context.CloseAsync();
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task No_page_scrolls_sideways_on_a_phone_in_any_language()
    {
        var faults = new List<string>();
        foreach (var (state, pages) in await EveryPageAsync())
        {
            foreach (var language in new[] { "en", "ru", "uk" })
            {
                var page = await system.OpenBrowserAsync(language, state, Phone);
                await page.Context.ClearCookiesAsync(new BrowserContextClearCookiesOptions { Name = "lang" });
                foreach (var address in pages)
                {
                    await GoAsync(page, address, language);
                    if (await page.EvaluateAsync<string>("document.documentElement.lang") is var shown && shown != language)
                    {
                        faults.Add($"{address} is in '{shown}' instead of '{language}'.");
                    }

                    if (await WidthAsync(page) is > Phone and var width)
                    {
                        faults.Add(string.Create(CultureInfo.InvariantCulture, $"{address} is {width} px wide in '{language}'."));
                    }
                }

                await page.Context.CloseAsync();
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task The_keyboard_reaches_the_content_first_and_always_shows_where_it_is()
    {
        var page = await system.OpenBrowserAsync();
        await page.GotoAsync("/status");

        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("#main", await page.EvaluateAsync<string>("document.activeElement.getAttribute('href')"));
        for (var step = 0; step < 6; step++)
        {
            Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
            await page.Keyboard.PressAsync("Tab");
        }
    }

    [Theory]
    [InlineData("ru", "Состояние системы")]
    [InlineData("uk", "Стан системи")]
    public async Task The_language_chosen_on_the_status_page_stays(string language, string title)
    {
        var page = await system.OpenBrowserAsync();
        await page.GotoAsync("/status");

        await page.ClickAsync($".languages a[hreflang={language}]");
        await page.WaitForSelectorAsync($"h1:text-is('{title}')");

        await page.GotoAsync("/login");
        Assert.Equal(language, await page.EvaluateAsync<string>("document.documentElement.lang"));
    }

    private static Task GoAsync(IPage page, string address, string language) =>
        page.GotoAsync(address.Replace("{language}", language, StringComparison.Ordinal));

    private static Task<int> WidthAsync(IPage page) => page.EvaluateAsync<int>("document.documentElement.scrollWidth");

    private static IEnumerable<string> Faults(string address, string scheme, AxeResult result) => result.Violations.Select(violation =>
        $"{address} ({scheme}): {violation.Id}: {violation.Help}: {string.Join(" ; ", violation.Nodes.Take(Shown).Select(Describe))}");

    // Of a contrast the two colours and their ratio, which no markup tells.
    private static string Describe(AxeResultNode node) =>
        string.Join(' ', node.Any.Select(check => check.Message).Where(message => message.Contains("contrast", StringComparison.Ordinal)).Append(node.Html));

    /// <summary>All pages, with what the browser of somebody who may see them remembers.</summary>
    private async Task<IReadOnlyList<(string? State, IReadOnlyList<string> Pages)>> EveryPageAsync()
    {
        var person = await Person.RegisterAsync(system, name: LongName);
        await person.EnableTotpAsync();
        await person.CreateKeyAsync();
        await person.Page.GotoAsync("/account/organizations");
        await person.Page.FillAsync("form[action='/account/organizations'] [name=name]", LongOrganization);
        await person.Page.RunAndWaitForResponseAsync(
            () => person.Page.ClickAsync("form[action='/account/organizations'] button"), answer => answer.Request.Method == "POST");
        await person.Page.GotoAsync("/account/organizations");
        var organization = await LinkAsync(person.Page, "/account/organizations/");
        await person.Page.GotoAsync("/account/keys");
        var key = await LinkAsync(person.Page, "/account/keys/0");
        var admin = await system.OpenAdminBrowserAsync();
        var application = await Application.RegisterAsync(admin);
        return
        [
            (null, SignedOut),
            (await person.Page.Context.StorageStateAsync(), [.. SignedIn, organization, key, $"{key}/rotate", application.ConsentAddress, await application.DeviceAddressAsync(system)]),
            (await admin.Context.StorageStateAsync(), Admin),
        ];
    }

    private static async Task<string> LinkAsync(IPage page, string prefix) =>
        (await page.Locator($"main a[href^='{prefix}']").First.GetAttributeAsync("href"))!;
}
