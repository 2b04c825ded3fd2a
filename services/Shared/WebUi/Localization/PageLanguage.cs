using System.Globalization;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Localization;

namespace BotGeneric.WebUi.Localization;

/// <summary>
/// The language of a page: the one its address begins with (<c>/uk/…</c>), else the one chosen before, else the one the browser prefers, else English.
/// </summary>
public static class PageLanguage
{
    /// <summary>The cookie that remembers the language of the last page whose address names one.</summary>
    public const string CookieName = "lang";

    /// <summary>The query parameter that chooses a language on a page whose address names none.</summary>
    public const string ChoiceParameter = "lang";

    private static readonly TimeSpan CookieLifetime = TimeSpan.FromDays(365);

    // How dates and numbers are written. 3/4/2026 is two days, so English names the month.
    private static readonly Dictionary<string, CultureInfo> Formats = ProblemTexts.Languages.ToDictionary(language => language, FormatsOf);

    private static readonly AcceptLanguageHeaderRequestCultureProvider Browser = new()
    {
        Options = new RequestLocalizationOptions
        {
            SupportedUICultures = [.. ProblemTexts.Languages.Select(CultureInfo.GetCultureInfo)],
        },
    };

    /// <summary>The two letters of the language in which the current request is answered.</summary>
    public static string Current => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName;

    /// <summary>The language that the address of a request names.</summary>
    /// <param name="path">The path of the request.</param>
    /// <returns>Two letters, or null when the address is the same in every language.</returns>
    public static string? FromPath(PathString path)
    {
        var first = path.Value?.Split('/', 3) is [_, var segment, ..] ? segment : null;
        return first is not null && ProblemTexts.Languages.Contains(first, StringComparer.Ordinal) ? first : null;
    }

    /// <summary>The language to answer a request in.</summary>
    /// <param name="context">The request.</param>
    /// <returns>Two letters.</returns>
    public static async Task<string> OfAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if ((FromPath(context.Request.Path) ?? Remembered(context.Request)) is { } chosen)
        {
            return chosen;
        }

        var preferred = await Browser.DetermineProviderCultureResult(context);
        return preferred?.UICultures
            .Select(culture => culture.Value?.Split('-')[0].ToLowerInvariant())
            .FirstOrDefault(language => language is not null && ProblemTexts.Languages.Contains(language, StringComparer.Ordinal))
            ?? ProblemTexts.Languages[0];
    }

    /// <summary>Answers each request in its language, and remembers the language that an address names.</summary>
    /// <param name="app">The pipeline.</param>
    /// <returns>The same pipeline.</returns>
    public static IApplicationBuilder UsePageLanguage(this IApplicationBuilder app)
    {
        app.Use(async (context, next) =>
        {
            if (Choice(context.Request) is { } choice)
            {
                Remember(context, choice);
                var rest = QueryString.Create(context.Request.Query.Where(parameter => parameter.Key != ChoiceParameter));
                // A path alone: nothing that was sent can lead to another site.
                context.Response.Redirect(context.Request.PathBase + new PathString("/" + context.Request.Path.Value?.TrimStart('/', '\\')) + rest);
                return;
            }

            var language = await OfAsync(context);
            Use(language);
            if (FromPath(context.Request.Path) is not null && Remembered(context.Request) != language)
            {
                Remember(context, language);
            }

            await next(context);
        });
        return app;
    }

    /// <summary>
    /// The language of a page about an error. <see cref="UsePageLanguage"/> may not be in front of it, so its own address may choose one
    /// (<c>?lang=uk</c>) that nobody has heeded yet.
    /// </summary>
    /// <param name="context">The request.</param>
    internal static Task<string> OfErrorAsync(HttpContext context)
    {
        if (Choice(context.Request) is not { } choice)
        {
            return OfAsync(context);
        }

        Remember(context, choice);
        return Task.FromResult(choice);
    }

    /// <summary>Speaks a language until the calling method ends.</summary>
    /// <param name="language">Two letters of a language of the system.</param>
    internal static void Use(string language)
    {
        CultureInfo.CurrentCulture = Formats[language];
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
    }

    private static string? Choice(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Query[ChoiceParameter].ToString() is { Length: > 0 } choice
            && ProblemTexts.Languages.Contains(choice, StringComparer.Ordinal) ? choice : null;

    private static string? Remembered(HttpRequest request) =>
        request.Cookies[CookieName] is { } language && ProblemTexts.Languages.Contains(language, StringComparer.Ordinal) ? language : null;

    /// <summary>Answers from now on in a language, on pages whose address is the same in every language.</summary>
    /// <param name="context">The request.</param>
    /// <param name="language">Two letters of a language of the system.</param>
    private static void Remember(HttpContext context, string language) => context.Response.Cookies.Append(CookieName, language, new CookieOptions
    {
        MaxAge = CookieLifetime,
        HttpOnly = true,
        IsEssential = true,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
    });

    private static CultureInfo FormatsOf(string language)
    {
        var culture = (CultureInfo)CultureInfo.GetCultureInfo(language).Clone();
        if (language == "en")
        {
            culture.DateTimeFormat.ShortDatePattern = "d MMM yyyy";
            culture.DateTimeFormat.ShortTimePattern = "HH:mm";
        }

        return CultureInfo.ReadOnly(culture);
    }
}
