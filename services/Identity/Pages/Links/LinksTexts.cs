using System.Globalization;
using BotGeneric.WebUi.Localization;

namespace BotGeneric.Identity.Pages.Links;

/// <summary>The texts of sign-in with other providers.</summary>
internal static class LinksTexts
{
    private static readonly PageTexts Texts = new(typeof(LinksTexts));

    internal static string Get(string key, params object?[] values) =>
        values.Length == 0 ? Texts[key] : string.Format(CultureInfo.CurrentCulture, Texts[key], values);

    /// <summary>What a provider is called; of an unknown one, what stands for it.</summary>
    internal static string NameOf(string provider) => Texts[provider switch
    {
        "google" => "provider.google",
        "apple" => "provider.apple",
        "telegram" => "provider.telegram",
        _ => "provider.unknown",
    }];
}
