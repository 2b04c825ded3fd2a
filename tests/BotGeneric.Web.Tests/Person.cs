using Microsoft.Playwright;

namespace BotGeneric.Web.Tests;

/// <summary>Somebody with an account and a browser, made as people make them.</summary>
internal sealed class Person(IPage page, string address)
{
    private const string Password = "a horse that counts to 41";

    public IPage Page { get; } = page;

    public string Address { get; } = address;

    /// <summary>Registers through the pages and the mail; the browser is signed in to the account's pages.</summary>
    public static async Task<Person> RegisterAsync(WebSystem system, string language = "en", string name = "Anna")
    {
        var person = new Person(await system.OpenBrowserAsync(language), $"person-{Guid.CreateVersion7():N}@example.com");
        var page = person.Page;
        await page.GotoAsync("/register");
        await page.FillAsync("[name=email]", person.Address);
        await page.FillAsync("[name=password]", Password);
        await page.FillAsync("[name=displayName]", name);
        await page.ClickAsync("form[action='/register'] button");
        await page.GotoAsync((await Inbox.LinkAsync(system, person.Address, "/register/verify")).AbsoluteUri);
        await page.ClickAsync("form[action='/register/verify'] button");
        await page.ArriveAsync(url => !url.Contains("/register", StringComparison.Ordinal));
        await page.GotoAsync("/account");
        Assert.EndsWith("/account", page.Url, StringComparison.Ordinal);
        return person;
    }

    /// <summary>Fills in the sign-in page; a second factor may be asked for next.</summary>
    public async Task SignInAsync(string returnUrl)
    {
        await Page.GotoAsync($"/login?returnUrl={Uri.EscapeDataString(returnUrl)}");
        await Page.FillAsync("[name=email]", Address);
        await Page.FillAsync("[name=password]", Password);
        await Page.ClickAsync("form[action='/login'] button");
    }

    public async Task SignOutAsync()
    {
        await Page.GotoAsync("/account");
        await Page.ClickAsync("form[action='/account/sign-out'] button");
        await Page.ArriveAsync(url => !url.Contains("/account", StringComparison.Ordinal));
    }

    /// <summary>Sets up the authenticator and gives its secret and the recovery codes.</summary>
    public async Task<(string Secret, IReadOnlyList<string> Codes)> EnableTotpAsync()
    {
        await Page.GotoAsync("/account/security");
        await Page.ClickAsync("form[action='/account/security/totp/start'] button");
        var secret = (await Page.InnerTextAsync(".secret")).Trim();
        Assert.True(await Page.EvaluateAsync<bool>("fetch('/account/security/totp/qr').then(answer => answer.ok)"), "There is no QR code.");
        await Page.FillAsync("[name=code]", TotpCode.Of(secret));
        await Page.ClickAsync("form[action='/account/security/totp'] button");
        await Page.WaitForSelectorAsync("ol .secret");
        return (secret, [.. await Page.Locator("ol .secret").AllInnerTextsAsync()]);
    }

    /// <summary>Creates a key that reads its owner, and gives it.</summary>
    public async Task<string> CreateKeyAsync()
    {
        await Page.GotoAsync("/account/keys/new");
        await Page.FillAsync("[name=name]", "Laptop");
        await Page.CheckAsync("[name=scopes][value='users:read']");
        await Page.ClickAsync("main form[action='/account/keys/new'] button[type=submit]");
        return (await Page.InnerTextAsync("#secret")).Trim();
    }

    /// <summary>Gives the browser a session at the gateway, as an application that uses the API has it.</summary>
    public async Task BeginGatewaySessionAsync()
    {
        await Page.GotoAsync("/session/login?returnUrl=%2Faccount");
        await Page.ArriveAsync(url => url.EndsWith("/account", StringComparison.Ordinal));
    }
}
