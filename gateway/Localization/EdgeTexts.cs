using BotGeneric.WebUi.Localization;

namespace BotGeneric.Gateway.Localization;

/// <summary>Why the gateway refuses a credential, and what to do.</summary>
internal static class EdgeTexts
{
    private static readonly PageTexts Texts = new(typeof(EdgeTexts));

    /// <summary>A text in the language of the request.</summary>
    /// <param name="key">Its key in <c>EdgeTexts.resx</c>.</param>
    internal static string Get(string key) => Texts[key];
}
