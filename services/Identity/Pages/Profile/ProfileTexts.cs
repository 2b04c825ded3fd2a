using System.Globalization;
using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.Pages.Profile;

/// <summary>The texts of the pages about the profile.</summary>
internal static class ProfileTexts
{
    private static readonly PageTexts Texts = new(typeof(ProfileTexts));

    internal static string Get(string key) => Texts[key];

    internal static string Format(string key, params object[] values) => string.Format(CultureInfo.CurrentCulture, Texts[key], values);
}
