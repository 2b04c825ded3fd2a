using System.Globalization;
using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.Pages.Recovery;

/// <summary>The texts of the pages about choosing a new password.</summary>
internal static class RecoveryTexts
{
    private static readonly PageTexts Texts = new(typeof(RecoveryTexts));

    internal static string Get(string key) => Texts[key];

    internal static string Format(string key, params object[] values) => string.Format(CultureInfo.CurrentCulture, Texts[key], values);
}
