using System.Globalization;
using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.Pages.Registration;

/// <summary>The texts of the pages about registering.</summary>
internal static class RegistrationTexts
{
    private static readonly PageTexts Texts = new(typeof(RegistrationTexts));

    internal static string Get(string key) => Texts[key];

    internal static string Format(string key, params object[] values) => string.Format(CultureInfo.CurrentCulture, Texts[key], values);
}
