using System.Globalization;

namespace BotGeneric.Policy.Compilation;

/// <summary>
/// Amounts as limits count them: whole units, or whole 10⁻⁹ of a currency, so that sums in Redis are exact. Everything that people read and write is decimal text.
/// </summary>
public static class Amounts
{
    /// <summary>Parts of one unit of a currency.</summary>
    public const long MoneyScale = 1_000_000_000;

    private const int MoneyDigits = 9;
    private const int MaximumTextLength = 40;

    /// <summary>Reads an amount.</summary>
    /// <param name="kind">How the limit counts; decides what an amount is in.</param>
    /// <param name="text">Digits, perhaps with a point and more digits. No sign, exponent or blank.</param>
    /// <param name="amount">Whole units of the limit, 0 to <see cref="CompiledLimit.LargestAmount"/>.</param>
    /// <returns>What is wrong with the text; null when nothing is.</returns>
    public static string? Read(LimitKind kind, string? text, out long amount)
    {
        amount = 0;
        if (string.IsNullOrEmpty(text) || text.Length > MaximumTextLength || !IsNumber(text))
        {
            return text is ['-', ..] ? "It is negative." : "Send a number as text, such as \"100\" or \"12.50\".";
        }

        var isMoney = kind == LimitKind.Budget;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var fraction = point < 0 ? string.Empty : text[(point + 1)..].TrimEnd('0');
        if (fraction.Length > (isMoney ? MoneyDigits : 0))
        {
            return isMoney ? $"Money has at most {MoneyDigits} digits after the point." : "Units are whole numbers.";
        }

        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= Largest(kind)
            ? Accept(isMoney ? value * MoneyScale : value, out amount)
            : $"It is too large: at most {Largest(kind).ToString(CultureInfo.InvariantCulture)}.";
    }

    /// <summary>An amount of a limit as a number of units or of the currency.</summary>
    /// <param name="kind">How the limit counts.</param>
    /// <param name="amount">Whole units of the limit.</param>
    public static decimal ToDecimal(LimitKind kind, long amount) => kind == LimitKind.Budget ? amount / (decimal)MoneyScale : amount;

    /// <summary>An amount as text that <see cref="Read"/> reads.</summary>
    /// <param name="kind">How the limit counts.</param>
    /// <param name="amount">Whole units of the limit.</param>
    public static string ToText(LimitKind kind, long amount) => ToDecimal(kind, amount).ToString("0.#########", CultureInfo.InvariantCulture);

    /// <summary>A stored number as whole units of a limit: what is more precise than the limit counts is left away, what is more than it can count is its most.</summary>
    /// <param name="kind">How the limit counts.</param>
    /// <param name="value">Units or currency, not negative.</param>
    public static long FromDecimal(LimitKind kind, decimal value) =>
        value >= Largest(kind) ? CompiledLimit.LargestAmount : (long)decimal.Truncate(kind == LimitKind.Budget ? value * MoneyScale : value);

    /// <summary>The most that a limit can count, in units or in the currency.</summary>
    /// <param name="kind">How the limit counts.</param>
    public static decimal Largest(LimitKind kind) => ToDecimal(kind, CompiledLimit.LargestAmount);

    private static string? Accept(decimal value, out long amount)
    {
        amount = (long)value;
        return null;
    }

    private static bool IsNumber(string text)
    {
        var points = 0;
        foreach (var character in text)
        {
            points += character == '.' ? 1 : 0;
            if (character != '.' && !char.IsAsciiDigit(character))
            {
                return false;
            }
        }

        return points <= 1 && text[0] != '.' && text[^1] != '.';
    }
}
