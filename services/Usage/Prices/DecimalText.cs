using System.Globalization;
using System.Text.Json;
using BotGeneric.Usage.Domain;

namespace BotGeneric.Usage.Prices;

/// <summary>Money as text, read and written without ever becoming a binary fraction.</summary>
public static class DecimalText
{
    private const int MaximumLength = 40;

    /// <summary>Reads a decimal that is not negative, such as <c>0.0000025</c> or <c>2.5e-06</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="value">The number.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string? text, out decimal value)
    {
        value = 0;
        return text is { Length: > 0 and <= MaximumLength }
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value)
            && value >= 0;
    }

    /// <summary>Reads a number or a text of JSON, rounded to as many decimals as a price may have.</summary>
    /// <param name="json">The member.</param>
    /// <param name="value">The price.</param>
    /// <param name="isRounded">Whether it had more decimals, as figures have that somebody else calculated in binary.</param>
    /// <returns>Whether it is a price.</returns>
    public static bool TryReadPrice(JsonElement json, out decimal value, out bool isRounded)
    {
        isRounded = false;
        value = 0;
        var text = json.ValueKind switch
        {
            JsonValueKind.Number => json.GetRawText(),
            JsonValueKind.String => json.GetString(),
            _ => null,
        };
        if (!TryParse(text, out var exact))
        {
            return false;
        }

        value = decimal.Round(exact, PriceTier.MaximumDecimals, MidpointRounding.ToEven);
        isRounded = value != exact;
        return true;
    }

    /// <summary>Writes a decimal without an exponent and without zeros at its end.</summary>
    /// <param name="value">The number.</param>
    public static string Write(decimal value) => value.ToString("0.############################", CultureInfo.InvariantCulture);
}
