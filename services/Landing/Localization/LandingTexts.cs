using BotGeneric.WebUi.Localization;

namespace BotGeneric.Landing.Localization;

/// <summary>The texts of the pages.</summary>
internal static class LandingTexts
{
    private static readonly PageTexts Texts = new(typeof(LandingTexts));

    /// <summary>A text in the language of the request.</summary>
    /// <param name="key">Its key in <c>LandingTexts.resx</c>.</param>
    internal static string Get(string key) => Texts[key];
}
