using System.Globalization;
using System.Text.Json;

namespace BotGeneric.Usage.Meters;

/// <summary>The value of a meter: exact, not negative, as the database keeps it.</summary>
internal static class MeterValue
{
    /// <summary>Digits after the point at most.</summary>
    public const int MaximumScale = 12;

    /// <summary>Digits before the point at most.</summary>
    public const int MaximumWhole = 26;

    /// <summary>Digits at most: as many as are exact wherever the value is handled.</summary>
    public const int MaximumDigits = 28;

    private const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Reads a JSON number, or a text that is one (which no JSON library in between rounds).</summary>
    /// <param name="value">What was sent.</param>
    /// <param name="number">The value.</param>
    /// <returns>What is wrong, to follow the member's name; null when nothing is.</returns>
    public static string? Read(JsonElement value, out decimal number)
    {
        number = 0;
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString()!,
            _ => null,
        };
        return text is null ? "must be a number, or a text that is one." : Read(text, out number);
    }

    private static string? Read(string text, out decimal number)
    {
        number = 0;
        if (text.StartsWith('-'))
        {
            return "must not be negative.";
        }

        // The first character tells numbers from the words for what is none, such as NaN.
        if (text.Length is 0 or > 100 || !char.IsAsciiDigit(text[0]) || !double.TryParse(text, Style, CultureInfo.InvariantCulture, out _))
        {
            return "must be a number, or a text that is one.";
        }

        var mantissa = text.Split('e', 'E')[0];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var scale = (point < 0 ? 0 : mantissa.Length - point - 1) - Exponent(text);
        var digits = mantissa.Replace(".", string.Empty, StringComparison.Ordinal).TrimStart('0');
        var zeros = digits.Length - digits.TrimEnd('0').Length;
        if (digits.Length > 0 && scale - zeros > MaximumScale)
        {
            return $"has more than {MaximumScale} digits after the point.";
        }

        if (digits.Length > 0 && digits.Length - scale > MaximumWhole)
        {
            return $"is too large: at most {MaximumWhole} digits before the point.";
        }

        if (digits.Length - zeros > MaximumDigits)
        {
            return $"has more than {MaximumDigits} digits.";
        }

        number = decimal.Parse(text, Style, CultureInfo.InvariantCulture);
        return null;
    }

    private static long Exponent(string text)
    {
        var start = text.IndexOfAny(['e', 'E']);
        return start < 0 ? 0 : long.TryParse(text.AsSpan(start + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) ? exponent : int.MaxValue;
    }
}
