using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Accounts.SignIn;

/// <summary>Cookies that hold a secret or something encrypted: not readable by scripts, not sent along by other sites' forms.</summary>
internal static class SecretCookies
{
    public static string? Read(HttpContext context, string name) => context.Request.Cookies[Name(context, name)];

    public static void Write(HttpContext context, string name, string value, TimeSpan lifetime) =>
        context.Response.Cookies.Append(Name(context, name), value, Options(context, lifetime));

    public static void Delete(HttpContext context, string name) => context.Response.Cookies.Delete(Name(context, name), Options(context, null));

    // As the gateway names its own.
    private static string Name(HttpContext context, string name) => IsSecure(context) ? $"__Host-{name}" : name;

    private static bool IsSecure(HttpContext context) => context.RequestServices.GetRequiredService<IOptions<OriginOptions>>().Value.IsSecure;

    private static CookieOptions Options(HttpContext context, TimeSpan? lifetime) => new()
    {
        HttpOnly = true,
        Secure = IsSecure(context) || context.Request.IsHttps,
        SameSite = SameSiteMode.Lax,
        Path = "/",
        IsEssential = true,
        MaxAge = lifetime,
    };
}
