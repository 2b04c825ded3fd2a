using System.Globalization;
using System.Text.Json;

namespace BotGeneric.Billing.Paddle;

/// <summary>An amount of a currency as Paddle writes it.</summary>
public sealed record PaddleMoney
{
    /// <summary>Minor units as a string: <c>"1000"</c> is $10.00 and ¥1000. May be negative in previews.</summary>
    public required string Amount { get; init; }

    /// <summary>ISO 4217, such as <c>USD</c>.</summary>
    public required string CurrencyCode { get; init; }

    /// <summary>The amount in minor units.</summary>
    /// <returns>The amount, negative for a credit.</returns>
    /// <exception cref="JsonException">It is no whole number of 64 bits.</exception>
    public long ToMinorUnits() => PaddleAmount.ToMinorUnits(Amount);
}

/// <summary>Reads and writes Paddle's amounts: whole minor units in a string.</summary>
public static class PaddleAmount
{
    // 19 digits and a sign; a longer text cannot be a number of 64 bits.
    private const int MaximumLength = 20;

    /// <summary>Reads an amount.</summary>
    /// <param name="amount">Digits, perhaps after a minus sign.</param>
    /// <param name="minorUnits">The amount in minor units; 0 when it cannot be read.</param>
    /// <returns>Whether it is a whole number of 64 bits. White space, a plus sign, a point and an exponent are none.</returns>
    public static bool TryRead(string? amount, out long minorUnits)
    {
        minorUnits = 0;
        return amount is { Length: > 0 and <= MaximumLength }
            && amount[0] != '+'
            && long.TryParse(amount, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out minorUnits);
    }

    /// <summary>Reads an amount that must be there.</summary>
    /// <param name="amount">Digits, perhaps after a minus sign.</param>
    /// <returns>The amount in minor units.</returns>
    /// <exception cref="JsonException">It is no whole number of 64 bits; money is never guessed.</exception>
    public static long ToMinorUnits(string? amount) => TryRead(amount, out var minorUnits)
        ? minorUnits
        : throw new JsonException("An amount of Paddle is not a whole number of minor units.");

    /// <summary>Writes an amount.</summary>
    /// <param name="minorUnits">Minor units.</param>
    /// <returns>What Paddle expects.</returns>
    public static string FromMinorUnits(long minorUnits) => minorUnits.ToString(CultureInfo.InvariantCulture);

    /// <summary>Minor units as an exact number of the currency's own unit.</summary>
    /// <param name="minorUnits">Minor units.</param>
    /// <param name="decimalPlaces">The currency's, 0 to 8: 2 for USD, 0 for JPY. Paddle tells them with its currencies.</param>
    /// <returns>1000 with two places is 10.00.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No currency has so many places.</exception>
    public static decimal ToDecimal(long minorUnits, int decimalPlaces)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(decimalPlaces);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(decimalPlaces, 8);
        // The scale is set, not computed: nothing is rounded, and 1000 stays 10.00 with its zeros.
        var magnitude = minorUnits < 0 ? (ulong)-(minorUnits + 1) + 1 : (ulong)minorUnits;
        return new decimal((int)(uint)magnitude, (int)(uint)(magnitude >> 32), 0, minorUnits < 0, (byte)decimalPlaces);
    }
}
