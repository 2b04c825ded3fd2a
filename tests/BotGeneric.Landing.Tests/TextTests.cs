using System.Collections;
using System.Globalization;
using System.Resources;
using BotGeneric.Landing.Localization;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.WebUi.Errors;
using BotGeneric.WebUi.Localization;

namespace BotGeneric.Landing.Tests;

public sealed class TextTests
{
    public static TheoryData<string, string> Translations
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var language in ProblemTexts.Languages.Skip(1))
            {
                data.Add(typeof(LandingTexts).FullName!, language);
                data.Add(typeof(SharedTexts).FullName!, language);
                data.Add(typeof(ErrorTexts).FullName!, language);
                data.Add("BotGeneric.ServiceDefaults.Problems.ProblemTitles", language);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Translations))]
    public void A_translation_has_the_keys_of_the_English_texts_and_no_others(string name, string language) =>
        Assert.Equal(Read(name, "").Keys.Order(), Read(name, language).Keys.Order());

    [Theory]
    [MemberData(nameof(Translations))]
    public void A_translation_is_not_empty_and_not_English(string name, string language)
    {
        var english = Read(name, "");

        Assert.All(Read(name, language), text =>
        {
            Assert.False(string.IsNullOrWhiteSpace(text.Value), text.Key);
            // The product's name is the same everywhere.
            Assert.True(text.Value != english[text.Key] || text.Value == "Bot-Generic", text.Key);
        });
    }

    [Fact]
    public void A_text_that_does_not_exist_is_a_fault_and_not_its_key() =>
        Assert.Throws<KeyNotFoundException>(() => SharedTexts.Get("no such key"));

    private static Dictionary<string, string> Read(string name, string language)
    {
        var assembly = new[] { typeof(LandingTexts), typeof(SharedTexts), typeof(ProblemTexts) }
            .Select(type => type.Assembly)
            .Single(assembly => name.StartsWith(assembly.GetName().Name + ".", StringComparison.Ordinal));
        return new ResourceManager(name, assembly)
            .GetResourceSet(CultureInfo.GetCultureInfo(language), createIfNotExists: true, tryParents: false)!
            .Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);
    }
}
