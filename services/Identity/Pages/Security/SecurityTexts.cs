using System.Globalization;
using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.Pages.Security;

/// <summary>The texts of the pages about the security of an account.</summary>
internal static class SecurityTexts
{
    private static readonly PageTexts Texts = new(typeof(SecurityTexts));

    internal static string Get(string key) => Texts[key];

    internal static string Format(string key, params object[] values) => string.Format(CultureInfo.CurrentCulture, Texts[key], values);
}
