using System.Collections;
using System.Globalization;
using System.Resources;
using BotGeneric.Gateway.Localization;

namespace BotGeneric.Gateway.Tests;

public sealed class StatusTextTests
{
    [Theory]
    [InlineData("ru")]
    [InlineData("uk")]
    public void A_translation_has_every_English_text_in_its_own_words(string language)
    {
        var english = Read("");
        var translated = Read(language);

        Assert.Equal(english.Keys.Order(), translated.Keys.Order());
        Assert.All(translated, text => Assert.NotEqual(english[text.Key], text.Value));
    }

    private static Dictionary<string, string> Read(string language) => new ResourceManager(typeof(StatusTexts))
        .GetResourceSet(CultureInfo.GetCultureInfo(language), createIfNotExists: true, tryParents: false)!
        .Cast<DictionaryEntry>()
        .ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);
}
