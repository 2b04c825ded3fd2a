using System.Net;
using System.Text.RegularExpressions;
using System.Web;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.SecondFactors;
using BotGeneric.Identity.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.Accounts.Support;

/// <summary>Somebody with an account, made as people make them: through the pages and the mail.</summary>
internal sealed partial class Person(AccountsApplication identity, Browser browser, string email, string password)
{
    public const string GoodPassword = "seven brave otters";

    public Browser Browser { get; } = browser;

    public string Email { get; } = email;

    public string Password { get; } = password;

    public static string NewAddress() => $"p{Guid.NewGuid():N}@example.com";

    public static async Task<Person> RegisterAsync(AccountsApplication identity)
    {
        var person = new Person(identity, identity.OpenBrowser(), NewAddress(), GoodPassword);
        var link = await BeginAsync(identity, person.Browser, person.Email, person.Password);
        using var verified = await person.Browser.SubmitAsync(link, "/register/verify");
        Assert.Equal("/account", verified.Headers.Location?.OriginalString);
        return person;
    }

    /// <summary>Begins a registration and gives the path of the link in the mail.</summary>
    public static async Task<string> BeginAsync(AccountsApplication identity, Browser browser, string email, string password)
    {
        using var begun = await browser.SubmitAsync("/register", null, ("email", email), ("password", password), ("displayName", "Olena"));
        Assert.Equal(HttpStatusCode.Redirect, begun.StatusCode);
        return Link(await identity.Mail.WaitForAsync(email, NotificationTemplates.VerifyEmail));
    }

    public static string Link(NotificationRequested message) => new Uri(message.Values["link"]).PathAndQuery;

    public static string Token(string link) => HttpUtility.ParseQueryString(link[link.IndexOf('?', StringComparison.Ordinal)..])["token"]!;

    /// <summary>A page without what differs each time.</summary>
    public static string WithoutTokens(string html) => Antiforgery().Replace(html, string.Empty);

    public Task<User> ReadAsync() => identity.WithDatabaseAsync(db => db.Users.AsNoTracking().SingleAsync(user => user.Email == Email));

    public Task<HttpResponseMessage> SignInAsync(Browser from, string? password = null, string returnUrl = "/account") => from.SubmitAsync(
        $"/login?returnUrl={Uri.EscapeDataString(returnUrl)}", "/login", ("email", Email), ("password", password ?? Password));

    public async Task<bool> IsSignedInAsync(Browser? from = null)
    {
        using var page = await (from ?? Browser).GetAsync("/account/sessions");
        return page.StatusCode == HttpStatusCode.OK;
    }

    /// <summary>Sets up the authenticator and gives its secret and the recovery codes.</summary>
    public async Task<(string Secret, IReadOnlyList<string> Codes)> EnableTotpAsync()
    {
        using var started = await Browser.SubmitAsync("/account/security", "/account/security/totp/start");
        Assert.Equal("/account/security/totp", started.Headers.Location?.OriginalString);
        var page = await Browser.ReadAsync("/account/security/totp");
        var secret = Secret().Match(page).Groups[1].Value.Replace(" ", string.Empty, StringComparison.Ordinal);
        using var enabled = await Browser.SubmitAsync(
            new Browser.Form(page, "/account/security/totp"), ("code", Totp.CodeOf(secret, Totp.StepOf(identity.Clock.GetUtcNow()))));
        var html = await enabled.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, enabled.StatusCode);
        return (secret, [.. RecoveryCodes().Matches(html).Select(match => match.Groups[1].Value)]);
    }

    [GeneratedRegex("""<input[^>]*__RequestVerificationToken[^>]*>""")]
    private static partial Regex Antiforgery();

    [GeneratedRegex("""class="secret">([A-Z2-7 ]+)<""")]
    private static partial Regex Secret();

    [GeneratedRegex("""class="secret">([0-9A-Z-]{29})<""")]
    private static partial Regex RecoveryCodes();
}
