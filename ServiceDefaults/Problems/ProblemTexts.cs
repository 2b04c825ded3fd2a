using System.Globalization;
using System.Resources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Localization;

namespace BotGeneric.ServiceDefaults.Problems;

/// <summary>The titles of problems in the languages the system speaks, and the rule that picks one.</summary>
public static class ProblemTexts
{
    private static readonly ResourceManager Titles = new("BotGeneric.ServiceDefaults.Problems.ProblemTitles", typeof(ProblemTexts).Assembly);

    /// <summary>The languages of the system: English first, it is the one that others fall back to.</summary>
    public static IReadOnlyList<string> Languages { get; } = ["en", "ru", "uk"];

    /// <summary>The title of a problem type in the language of the current request.</summary>
    /// <param name="type">One of <see cref="ProblemTypes"/>.</param>
    /// <returns>The title, or null for a type of a service's own.</returns>
    public static string? Title(string type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Titles.GetString(type[(type.LastIndexOf(':') + 1)..], CultureInfo.CurrentUICulture);
    }

    /// <summary>
    /// Whether the language of a request must be chosen: most programs name none, and setting it for each request is not free. Without it the
    /// process's own language would be spoken, so that has to be the default one.
    /// </summary>
    internal static bool MustChoose(HttpContext context) =>
        context.Request.Headers.AcceptLanguage.Count > 0 || !IsDefault(CultureInfo.CurrentUICulture) || !IsDefault(CultureInfo.CurrentCulture);

    private static bool IsDefault(CultureInfo culture) => culture.Name is "" or "en";

    // Only the language of texts follows the caller. Numbers and dates are data and stay invariant.
    internal static void ConfigureLanguages(RequestLocalizationOptions options)
    {
        options.DefaultRequestCulture = new RequestCulture("en", "en");
        options.SupportedCultures = [CultureInfo.InvariantCulture];
        options.SupportedUICultures = [.. Languages.Select(CultureInfo.GetCultureInfo)];
        options.ApplyCurrentCultureToResponseHeaders = false;
        options.RequestCultureProviders = [new AcceptLanguageHeaderRequestCultureProvider()];
    }
}
