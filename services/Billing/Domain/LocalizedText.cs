namespace BotGeneric.Billing.Domain;

/// <summary>A text that people read in their language. English is always there; where another is missing, English is shown.</summary>
/// <param name="En">English.</param>
/// <param name="Ru">Russian.</param>
/// <param name="Uk">Ukrainian.</param>
public sealed record LocalizedText(string En, string? Ru = null, string? Uk = null)
{
    /// <summary>The text in a language.</summary>
    /// <param name="language">A two-letter code.</param>
    /// <returns>The text, in English where there is none in that language.</returns>
    public string In(string language) => language switch
    {
        "ru" => Ru ?? En,
        "uk" => Uk ?? En,
        _ => En,
    };
}
