using System.Globalization;
using System.Resources;

namespace BotGeneric.Billing.Paddle.Client;

/// <summary>What people are told when Paddle refuses, in the language of the request.</summary>
internal static class PaddleTexts
{
    private static readonly ResourceManager Texts = new(typeof(PaddleTexts).FullName!, typeof(PaddleTexts).Assembly);

    internal static string Get(string key) => Get(key, CultureInfo.CurrentUICulture);

    internal static string Get(string key, CultureInfo language) =>
        Texts.GetString(key, language) ?? throw new MissingManifestResourceException($"There is no text '{key}'.");
}
