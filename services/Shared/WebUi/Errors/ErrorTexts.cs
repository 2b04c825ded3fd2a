using BotGeneric.WebUi.Localization;

namespace BotGeneric.WebUi.Errors;

/// <summary>The texts of the page about an error.</summary>
public static class ErrorTexts
{
    private static readonly PageTexts Texts = new(typeof(ErrorTexts));

    /// <summary>A text in the language of the request.</summary>
    /// <param name="key">Its key in <c>ErrorTexts.resx</c>.</param>
    /// <returns>The text.</returns>
    public static string Get(string key) => Texts[key];
}
