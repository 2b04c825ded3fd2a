namespace BotGeneric.WebUi.Localization;

/// <summary>The texts around every page.</summary>
public static class SharedTexts
{
    private static readonly PageTexts Texts = new(typeof(SharedTexts));

    /// <summary>A text in the language of the request.</summary>
    /// <param name="key">Its key in <c>SharedTexts.resx</c>.</param>
    /// <returns>The text.</returns>
    public static string Get(string key) => Texts[key];
}
