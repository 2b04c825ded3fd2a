using System.Text.Json;
using System.Text.Json.Serialization;
using BotGeneric.Policy.Compilation;

namespace BotGeneric.Policy.Decisions;

/// <summary>An amount as it is answered: a whole number of units, or money as exact decimal text.</summary>
/// <param name="Unit">The meter's code or the ISO 4217 code.</param>
/// <param name="Amount">Units, or 10⁻⁹ of the currency.</param>
[JsonConverter(typeof(QuantityConverter))]
public readonly record struct Quantity(string Unit, long Amount);

/// <summary>Writes <see cref="Quantity"/> without making text of it first.</summary>
internal sealed class QuantityConverter : JsonConverter<Quantity>
{
    // Ten digits before the point and nine after it, a sign and the point.
    private const int LongestMoney = 32;

    public override Quantity Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Quantities are answered, never asked for.");

    public override void Write(Utf8JsonWriter writer, Quantity value, JsonSerializerOptions options) => Write(writer, value);

    internal static void Write(Utf8JsonWriter writer, Quantity value)
    {
        if (!Units.IsMoney(value.Unit))
        {
            writer.WriteNumberValue(value.Amount);
            return;
        }

        Span<byte> text = stackalloc byte[LongestMoney];
        var money = value.Amount / (decimal)Amounts.MoneyScale;
        money.TryFormat(text, out var written, "0.#########", System.Globalization.CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..written]);
    }
}
