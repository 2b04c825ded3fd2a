using BotGeneric.Identity.Accounts;

namespace BotGeneric.Identity.External.Attempts;

/// <summary>
/// The cookies of this feature. They are <c>Lax</c>: an answer that another site posts (Apple) is turned into a GET of ours before anything looks at them.
/// </summary>
internal sealed class ExternalCookies(IHostEnvironment environment)
{
    private const int SecretLength = 43;

    private readonly bool _isSecure = environment.IsProduction();

    private string BrowserName => _isSecure ? "__Host-external" : "external";

    private string PendingName => _isSecure ? "__Host-external-link" : "external-link";

    /// <summary>The secret that tells this browser from others; a new one if it has none. Attempts in several tabs share it.</summary>
    internal string BrowserSecret(HttpContext context, TimeSpan lifetime)
    {
        var secret = FindBrowserSecret(context) ?? Secrets.Create();
        context.Response.Cookies.Append(BrowserName, secret, Options(context, lifetime));
        return secret;
    }

    internal string? FindBrowserSecret(HttpContext context) =>
        context.Request.Cookies[BrowserName] is { Length: SecretLength } secret ? secret : null;

    internal string? FindPending(HttpContext context) => context.Request.Cookies[PendingName];

    internal void SetPending(HttpContext context, string value, TimeSpan lifetime) => context.Response.Cookies.Append(PendingName, value, Options(context, lifetime));

    internal void ClearPending(HttpContext context) => context.Response.Cookies.Delete(PendingName, Options(context, null));

    // A development system has no certificate; the prefix and Secure would make browsers drop the cookie there.
    private CookieOptions Options(HttpContext context, TimeSpan? lifetime) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        MaxAge = lifetime,
        Path = "/",
        SameSite = SameSiteMode.Lax,
        Secure = _isSecure || context.Request.IsHttps,
    };
}
