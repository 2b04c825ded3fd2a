using System.Globalization;
using System.Resources;
using BotGeneric.ServiceDefaults.Problems;

namespace BotGeneric.Billing.Api;

/// <summary>What subscribers read, in the language of the current request.</summary>
internal static class ShopTexts
{
    private static readonly ResourceManager Texts = new("BotGeneric.Billing.Api.ShopTexts", typeof(ShopTexts).Assembly);

    /// <summary>The language of the current request, one of <see cref="ProblemTexts.Languages"/>.</summary>
    internal static string Language
    {
        get
        {
            var asked = CultureInfo.CurrentUICulture.TwoLetterISOLanguageName;
            return ProblemTexts.Languages.Contains(asked, StringComparer.Ordinal) ? asked : ProblemTexts.Languages[0];
        }
    }

    internal static string Text(string key) =>
        Texts.GetString(key, CultureInfo.CurrentUICulture) ?? throw new InvalidOperationException($"The text '{key}' is missing.");

    internal static string Text(string key, params ReadOnlySpan<object?> values) => string.Format(CultureInfo.InvariantCulture, Text(key), values);

    /// <summary>A day as people write it, by UTC: who reads it is in some time zone that is not known here.</summary>
    internal static string Day(DateTimeOffset time) => time.UtcDateTime.ToString(Text("day"), CultureInfo.GetCultureInfo(Language));
}
