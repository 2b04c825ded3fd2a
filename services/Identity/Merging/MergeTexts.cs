using System.Globalization;
using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.Merging;

/// <summary>The texts about making one account of two.</summary>
internal static class MergeTexts
{
    private static readonly PageTexts Texts = new(typeof(MergeTexts));

    internal static string Get(string key, params object?[] values) =>
        values.Length == 0 ? Texts[key] : string.Format(CultureInfo.CurrentCulture, Texts[key], values);
}
