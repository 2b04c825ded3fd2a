using System.Globalization;
using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.Pages.Sessions;

/// <summary>The texts of the pages about the list of sessions.</summary>
internal static class SessionsTexts
{
    private static readonly PageTexts Texts = new(typeof(SessionsTexts));

    internal static string Get(string key) => Texts[key];

    internal static string Format(string key, params object[] values) => string.Format(CultureInfo.CurrentCulture, Texts[key], values);
}
