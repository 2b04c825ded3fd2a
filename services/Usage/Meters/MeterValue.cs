using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace BotGeneric.Usage.Meters;

/// <summary>The value of a meter: exact, not negative, as the database keeps it.</summary>
internal static partial class MeterValue
{
    /// <summary>Digits after the point at most.</summary>
    public const int MaximumScale = 12;

    /// <summary>The largest value: as much as a limit can count exactly. With the digits after the point it stays exact wherever it is handled.</summary>
    public const long Largest = 4_000_000_000_000_000;

    /// <summary>The form of a value as text, for .NET and PostgreSQL alike. What rollups read has it, anything else would be kept and be missing from sums.</summary>
    public const string Form = "[0-9]{1,26}([.][0-9]{1,30})?";

    private const int WrittenScale = 30;
    private const int LargestDigits = 16;
    private const string NotANumber = "must be a number, or a text of digits, if need be with a point and more digits.";

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
        if (text is null || (value.ValueKind == JsonValueKind.String && !text.StartsWith('-') && !TextForm().IsMatch(text)))
        {
            return NotANumber;
        }

        return Read(text, out number);
    }

    /// <summary>Whether a text is a difference of values: digits, perhaps with a sign before and a point and up to 12 digits after them, not 0 and not beyond the largest value.</summary>
    /// <param name="text">The text.</param>
    public static bool IsDifference(string text) =>
        DifferenceForm().IsMatch(text)
        && decimal.Parse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) is var difference and not 0
        && Math.Abs(difference) <= Largest;

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
            return NotANumber;
        }

        var mantissa = text.Split('e', 'E')[0];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var scale = (point < 0 ? 0 : mantissa.Length - point - 1) - Exponent(text);
        var digits = mantissa.Replace(".", string.Empty, StringComparison.Ordinal).TrimStart('0');
        var zeros = digits.Length - digits.TrimEnd('0').Length;
        // Zeros at the end count too once there are many of them: jsonb writes them out.
        if (scale > WrittenScale || (digits.Length > 0 && scale - zeros > MaximumScale))
        {
            return $"has more than {MaximumScale} digits after the point.";
        }

        // More digits than the largest has might not fit into a decimal.
        if (digits.Length > 0 && digits.Length - scale > LargestDigits)
        {
            return TooLarge();
        }

        var parsed = decimal.Parse(text, Style, CultureInfo.InvariantCulture);
        if (parsed > Largest)
        {
            return TooLarge();
        }

        number = parsed;
        return null;
    }

    private static string TooLarge() => string.Create(CultureInfo.InvariantCulture, $"is too large: at most {Largest}.");

    private static long Exponent(string text)
    {
        var start = text.IndexOfAny(['e', 'E']);
        return start < 0 ? 0 : long.TryParse(text.AsSpan(start + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) ? exponent : int.MaxValue;
    }

    [GeneratedRegex(@"^-?[0-9]{1,16}([.][0-9]{1,12})?\z")]
    private static partial Regex DifferenceForm();

    [GeneratedRegex($@"^{Form}\z")]
    private static partial Regex TextForm();
}
