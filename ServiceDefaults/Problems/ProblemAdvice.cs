using System.Globalization;
using System.Resources;

namespace BotGeneric.ServiceDefaults.Problems;

/// <summary>What is wrong with a request and what to send instead, in the language of the current request.</summary>
internal static class ProblemAdvice
{
    private static readonly ResourceManager Texts = new("BotGeneric.ServiceDefaults.Problems.ProblemAdvice", typeof(ProblemAdvice).Assembly);

    /// <summary>A text.</summary>
    /// <param name="key">Its name among the resources.</param>
    /// <param name="values">What its places hold; numbers are data and look the same in every language.</param>
    /// <exception cref="InvalidOperationException">There is no such text.</exception>
    internal static string Get(string key, params ReadOnlySpan<object?> values)
    {
        var text = Texts.GetString(key, CultureInfo.CurrentUICulture) ?? throw new InvalidOperationException($"The text '{key}' is missing.");
        return values.Length == 0 ? text : string.Format(CultureInfo.InvariantCulture, text, values);
    }
}
