using System.Globalization;
using System.Resources;

namespace BotGeneric.Notifications.Templates;

/// <summary>The words of the messages. They stand in resource files: <c>MailTexts.resx</c> (English), <c>.ru.resx</c>, <c>.uk.resx</c>.</summary>
internal static class MailTexts
{
    private static readonly ResourceManager Resources = new(typeof(MailTexts));

    /// <summary>The languages there are words in.</summary>
    public static IReadOnlyList<string> Languages { get; } = ["en", "ru", "uk"];

    public static string? Find(string key, CultureInfo language) => Resources.GetString(key, language);

    public static string Get(string key, CultureInfo language) =>
        Find(key, language) ?? throw new KeyNotFoundException($"MailTexts has no text '{key}'.");

    /// <summary>A number with its noun in the form that the language wants: 1 hour, 2 hours; 1 час, 2 часа, 5 часов.</summary>
    public static string Count(int number, string noun, CultureInfo language) =>
        string.Format(language, Get($"{noun}.{PluralForm(number, language)}", language), number);

    // Unicode CLDR, plural rules for whole numbers.
    private static string PluralForm(int number, CultureInfo language)
    {
        if (language.TwoLetterISOLanguageName == "en")
        {
            return number == 1 ? "one" : "many";
        }

        return (number % 10, number % 100) switch
        {
            (1, not 11) => "one",
            ( >= 2 and <= 4, not (>= 12 and <= 14)) => "few",
            _ => "many",
        };
    }
}
