using System.Globalization;
using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.Access;

/// <summary>Why a caller is refused.</summary>
internal static class AccessTexts
{
    private static readonly PageTexts Texts = new(typeof(AccessTexts));

    internal static string Get(string key, params object[] values) => string.Format(CultureInfo.CurrentCulture, Texts[key], values);
}
