using System.Globalization;
using BotGeneric.WebUi.Localization;

namespace BotGeneric.Gateway.Localization;

/// <summary>Why the gateway refuses a request, and what to do.</summary>
internal static class EdgeTexts
{
    private static readonly PageTexts Texts = new(typeof(EdgeTexts));

    /// <summary>A text in the language of the request.</summary>
    /// <param name="key">Its key in <c>EdgeTexts.resx</c>.</param>
    internal static string Get(string key) => Texts[key];

    /// <summary>A text with places, filled.</summary>
    /// <param name="key">Its key in <c>EdgeTexts.resx</c>.</param>
    /// <param name="values">What its places are filled with.</param>
    internal static string Get(string key, params object[] values) => string.Format(CultureInfo.InvariantCulture, Texts[key], values);
}
