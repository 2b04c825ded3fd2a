using BotGeneric.WebUi.Localization;

namespace BotGeneric.Gateway.Localization;

/// <summary>The texts of the status page.</summary>
internal static class StatusTexts
{
    private static readonly PageTexts Texts = new(typeof(StatusTexts));

    /// <summary>A text in the language of the request.</summary>
    /// <param name="key">Its key in <c>StatusTexts.resx</c>.</param>
    internal static string Get(string key) => Texts[key];
}
