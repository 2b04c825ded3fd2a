using System.Text.Json;

namespace BotGeneric.ServiceDefaults.Http;

/// <summary>An enumeration in a query string, spelled as in JSON: camelCase. The framework itself would accept only the CLR spelling.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
/// <param name="Value">The value.</param>
public readonly record struct EnumParameter<T>(T Value)
    where T : struct, Enum
{
    /// <summary>Reads the value; the name the framework looks for.</summary>
    /// <param name="text">What was sent.</param>
    /// <param name="parameter">The value.</param>
    /// <returns>Whether the text names a value.</returns>
    public static bool TryParse(string? text, out EnumParameter<T> parameter)
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(text, JsonNamingPolicy.CamelCase.ConvertName(value.ToString()), StringComparison.Ordinal))
            {
                parameter = new EnumParameter<T>(value);
                return true;
            }
        }

        parameter = default;
        return false;
    }
}
