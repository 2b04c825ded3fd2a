using System.Collections;
using System.Globalization;
using System.Resources;
using BotGeneric.Gateway.Localization;

namespace BotGeneric.Gateway.Tests;

public sealed class StatusTextTests
{
    [Theory]
    [InlineData(typeof(StatusTexts), "ru")]
    [InlineData(typeof(StatusTexts), "uk")]
    [InlineData(typeof(EdgeTexts), "ru")]
    [InlineData(typeof(EdgeTexts), "uk")]
    public void A_translation_has_every_English_text_in_its_own_words(Type texts, string language)
    {
        var english = Read(texts, "");
        var translated = Read(texts, language);

        Assert.Equal(english.Keys.Order(), translated.Keys.Order());
        Assert.All(translated, text => Assert.NotEqual(english[text.Key], text.Value));
    }

    private static Dictionary<string, string> Read(Type texts, string language) => new ResourceManager(texts)
        .GetResourceSet(CultureInfo.GetCultureInfo(language), createIfNotExists: true, tryParents: false)!
        .Cast<DictionaryEntry>()
        .ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);
}
