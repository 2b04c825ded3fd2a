using System.Globalization;
using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.Administration;

/// <summary>The texts about administration.</summary>
internal static class AdministrationTexts
{
    private static readonly PageTexts Texts = new(typeof(AdministrationTexts));

    internal static string Get(string key) => Texts[key];

    internal static string Format(string key, params object[] values) => string.Format(CultureInfo.CurrentCulture, Texts[key], values);
}
