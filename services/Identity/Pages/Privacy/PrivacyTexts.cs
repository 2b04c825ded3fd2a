using System.Globalization;
using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.Pages.Privacy;

/// <summary>The texts of the pages about a person's data.</summary>
internal static class PrivacyTexts
{
    private static readonly PageTexts Texts = new(typeof(PrivacyTexts));

    internal static string Get(string key) => Texts[key];

    internal static string Format(string key, params object[] values) => string.Format(CultureInfo.CurrentCulture, Texts[key], values);
}
