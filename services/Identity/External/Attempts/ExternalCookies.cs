using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.SignIn;

namespace BotGeneric.Identity.External.Attempts;

/// <summary>
/// The cookies of this feature. They are <c>Lax</c>: an answer that another site posts (Apple) is turned into a GET of ours before anything looks at them.
/// </summary>
internal static class ExternalCookies
{
    private const int SecretLength = 43;
    private const string Browser = "external";
    private const string Pending = "external-link";

    /// <summary>The secret that tells this browser from others; a new one if it has none. Attempts in several tabs share it.</summary>
    internal static string BrowserSecret(HttpContext context, TimeSpan lifetime)
    {
        var secret = FindBrowserSecret(context) ?? Secrets.Create();
        SecretCookies.Write(context, Browser, secret, lifetime);
        return secret;
    }

    internal static string? FindBrowserSecret(HttpContext context) =>
        SecretCookies.Read(context, Browser) is { Length: SecretLength } secret ? secret : null;

    internal static string? FindPending(HttpContext context) => SecretCookies.Read(context, Pending);

    internal static void SetPending(HttpContext context, string value, TimeSpan lifetime) => SecretCookies.Write(context, Pending, value, lifetime);

    internal static void ClearPending(HttpContext context) => SecretCookies.Delete(context, Pending);
}
