using Microsoft.Playwright;

namespace BotGeneric.Web.Tests;

/// <summary>Passkeys as the browser makes and shows them, with an authenticator that Chromium simulates.</summary>
[Collection(WebSystem.Collection)]
public sealed class PasskeyTests(WebSystem system)
{
    private const string Button = "[data-passkey] button";

    [Fact]
    public async Task A_passkey_is_added_signs_in_confirms_and_is_removed()
    {
        var person = await Person.RegisterAsync(system);
        var page = person.Page;
        await AddAuthenticatorAsync(page);

        await AddPasskeyAsync(page, "Laptop");
        Assert.Contains("Laptop", await page.InnerTextAsync("main .list"), StringComparison.Ordinal);

        await person.SignOutAsync();
        await page.GotoAsync("/login?returnUrl=/account/security");
        await page.ClickAsync(Button);
        await page.ArriveAsync(url => url.EndsWith("/account/security", StringComparison.Ordinal));

        await page.GotoAsync("/account/confirm?returnUrl=/account/sessions");
        await page.ClickAsync(Button);
        await page.ArriveAsync(url => url.EndsWith("/account/sessions", StringComparison.Ordinal));

        await page.GotoAsync("/account/security");
        await page.ClickAsync("form[action^='/account/passkeys/'][action$='/remove'] button");
        await page.WaitForSelectorAsync(".notice-success");
        Assert.Equal(0, await page.Locator("form[action^='/account/passkeys/']").CountAsync());

        // The authenticator has it still, and shows it: it opens nothing any more.
        await person.SignOutAsync();
        await page.GotoAsync("/login");
        await page.ClickAsync(Button);
        await page.WaitForSelectorAsync("[data-passkey] .error");
        await page.GotoAsync("/account");
        Assert.Contains("/login", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_persons_gesture_nothing_happens_and_the_page_says_so()
    {
        var person = await Person.RegisterAsync(system);
        var page = person.Page;
        await AddAuthenticatorAsync(page, verifiesUser: false);
        await page.GotoAsync("/account/security");

        await page.ClickAsync(Button);

        await page.WaitForSelectorAsync("[data-passkey] .error");
        await page.WaitForSelectorAsync($"{Button}:enabled");
        await page.ReloadAsync();
        Assert.Equal(0, await page.Locator("form[action^='/account/passkeys/']").CountAsync());
    }

    private static async Task AddPasskeyAsync(IPage page, string name)
    {
        await page.GotoAsync("/account/security");
        await page.FillAsync("[data-passkey] [name=name]", name);
        await page.ClickAsync(Button);
        await page.WaitForSelectorAsync(".notice-success");
    }

    private static async Task AddAuthenticatorAsync(IPage page, bool verifiesUser = true)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("WebAuthn.enable");
        await session.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = verifiesUser,
                ["automaticPresenceSimulation"] = true,
            },
        });
    }
}
