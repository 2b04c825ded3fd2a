using Microsoft.Playwright;

namespace BotGeneric.Web.Tests;

/// <summary>An admin looks at the pages of a person, through the gateway, with a browser.</summary>
[Collection(WebSystem.Collection)]
public sealed class ImpersonationJourneyTests(WebSystem system)
{
    private const string Password = "a horse that counts to 43";
    private const string CreateKey =
        """
        fetch('/api/keys', { method: 'POST', headers: { 'X-CSRF': '1', 'Content-Type': 'application/json' },
          body: JSON.stringify({ name: 'k', scopes: ['users:read'] }) }).then(answer => answer.status)
        """;

    // What sticks out to the right on a phone.
    private const string TooWide =
        """
        document.documentElement.scrollWidth <= 360 ? '' : [...document.body.querySelectorAll('*')]
          .filter(element => element.getBoundingClientRect().right > 360)
          .map(element => `${element.tagName}.${element.className} ${element.textContent.slice(0, 60)}`).join('; ')
        """;

    [Fact]
    public async Task An_admin_acts_as_a_person_at_every_service_changes_no_credential_and_comes_back()
    {
        var address = $"olha-{Guid.CreateVersion7():N}@example.com";
        await RegisterAsync(address);
        var parameters = system.Application.State.Parameters;
        var page = await system.OpenBrowserAsync();
        await page.GotoAsync("/session/login?returnUrl=/account");
        await page.FillAsync("[name=email]", parameters["development-admin-email"]);
        await page.FillAsync("[name=password]", parameters["development-admin-password"]);
        await page.ClickAsync("form[action='/login'] button");
        await page.WaitForURLAsync(url => url.EndsWith("/account", StringComparison.Ordinal));
        var admin = await MeAsync(page);

        await page.GotoAsync($"/account/admin/users?search={address}");
        await page.ClickAsync("tbody a");
        await page.FillAsync("#reason-impersonate", "Ticket 4711");
        await page.ClickAsync("form[action$='/impersonate'] button");
        await page.WaitForSelectorAsync(".impersonation");

        Assert.EndsWith("/account", page.Url, StringComparison.Ordinal);
        Assert.Contains(address, await page.InnerTextAsync(".impersonation"), StringComparison.Ordinal);
        Assert.Contains(address, await MeAsync(page), StringComparison.Ordinal);
        Assert.Equal(403, await page.EvaluateAsync<int>(CreateKey));
        await page.SetViewportSizeAsync(360, 740);
        Assert.Equal(string.Empty, await page.EvaluateAsync<string>(TooWide));

        await page.ClickAsync(".impersonation button");
        await page.WaitForURLAsync(url => url.Contains("/account/admin/users/", StringComparison.Ordinal));
        Assert.Equal(0, await page.Locator(".impersonation").CountAsync());
        Assert.Equal(admin, await MeAsync(page));
        Assert.Equal(string.Empty, await page.EvaluateAsync<string>(TooWide));
    }

    private static Task<string> MeAsync(IPage page) => page.EvaluateAsync<string>("fetch('/api/users/me').then(answer => answer.text())");

    private async Task RegisterAsync(string address)
    {
        var page = await system.OpenBrowserAsync();
        await page.GotoAsync("/register");
        await page.FillAsync("[name=email]", address);
        await page.FillAsync("[name=password]", Password);
        await page.ClickAsync("form[action='/register'] button");
        await page.GotoAsync((await Inbox.LinkAsync(system, address, "/register/verify")).AbsoluteUri);
        await page.ClickAsync("form[action='/register/verify'] button");
        await page.WaitForURLAsync(url => !url.Contains("/register", StringComparison.Ordinal));
    }
}
