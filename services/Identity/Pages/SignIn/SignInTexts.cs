using System.Globalization;
using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.Pages.SignIn;

/// <summary>The texts of the pages about signing in.</summary>
internal static class SignInTexts
{
    private static readonly PageTexts Texts = new(typeof(SignInTexts));

    internal static string Get(string key) => Texts[key];

    internal static string Format(string key, params object[] values) => string.Format(CultureInfo.CurrentCulture, Texts[key], values);
}
