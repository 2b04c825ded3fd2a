using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.ApiKeys;

/// <summary>The texts about keys.</summary>
internal static class KeyTexts
{
    private static readonly PageTexts Texts = new(typeof(KeyTexts));

    internal static string Get(string key) => Texts[key];
}
