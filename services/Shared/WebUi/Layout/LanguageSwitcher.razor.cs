using System.Globalization;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Components;

namespace BotGeneric.WebUi.Layout;

/// <summary>Links to the same page in the other languages.</summary>
public sealed partial class LanguageSwitcher : ComponentBase
{
    /// <summary>The languages of the system, two letters each.</summary>
    public static IReadOnlyList<string> Languages => ProblemTexts.Languages;

    /// <summary>The address of the page after the language; null when the address is the same in every language and takes <c>?lang=</c>.</summary>
    [Parameter]
    public string? Path { get; set; }

    private string Address(string language) => Path is null ? $"?lang={language}" : $"/{language}{Path}";

    private static string NativeName(string language)
    {
        var culture = CultureInfo.GetCultureInfo(language);
        return culture.TextInfo.ToTitleCase(culture.NativeName);
    }
}
