using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace BotGeneric.ServiceDefaults.Http;

/// <summary>
/// Refuses null where a field cannot be null. The serializer does so by itself, except in .NET 10 when it reads from a stream, as every request is, an object
/// that has a constructor with parameters and the field is none of them.
/// </summary>
internal static class NullRefusal
{
    /// <summary>Under which the exception names the field: its path is that of the object.</summary>
    internal const string Field = "botgeneric.field";

    internal static void Apply(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        foreach (var field in type.Properties)
        {
            if (field is { IsSetNullable: false, AssociatedParameter: null, PropertyType.IsValueType: false, Set: { } set })
            {
                field.Set = (target, value) => set(target, value ?? throw Refusal(field.Name));
            }
        }
    }

    private static JsonException Refusal(string field) => new() { Data = { [Field] = field } };
}
