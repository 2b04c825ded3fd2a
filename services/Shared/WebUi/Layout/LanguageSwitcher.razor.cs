using System.Globalization;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace BotGeneric.WebUi.Layout;

/// <summary>Links to the same page in the other languages.</summary>
public sealed partial class LanguageSwitcher : ComponentBase
{
    /// <summary>The languages of the system, two letters each.</summary>
    public static IReadOnlyList<string> Languages => ProblemTexts.Languages;

    /// <summary>
    /// The address of the page after the language; null for a page whose address is the same in every language. Such a page is asked for again with
    /// <see cref="PageLanguage.ChoiceParameter"/>, which remembers the choice and leads back.
    /// </summary>
    [Parameter]
    public string? Path { get; set; }

    [CascadingParameter]
    private HttpContext? HttpContext { get; set; }

    private string Address(string language)
    {
        if (Path is not null)
        {
            return $"/{language}{Path}";
        }

        // A form's answer has no address of its own to come back to; the form's page does, and it is the same one.
        var query = HttpContext is { Request: { } request } && HttpMethods.IsGet(request.Method)
            ? QueryString.Create(request.Query.Where(parameter => parameter.Key != PageLanguage.ChoiceParameter))
            : QueryString.Empty;
        return query.Add(PageLanguage.ChoiceParameter, language).ToString();
    }

    private static string NativeName(string language)
    {
        var culture = CultureInfo.GetCultureInfo(language);
        return culture.TextInfo.ToTitleCase(culture.NativeName);
    }
}
