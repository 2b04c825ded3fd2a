using System.Text.Json;
using System.Text.Json.Serialization;

namespace BotGeneric.Policy.Data;

/// <summary>How policies are written in the database: as the API writes them, and read by later versions too.</summary>
internal static class PolicyJson
{
    internal static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
