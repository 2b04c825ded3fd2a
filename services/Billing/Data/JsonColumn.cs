using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace BotGeneric.Billing.Data;

/// <summary>Values that are read and replaced as a whole, as one jsonb column.</summary>
internal static class JsonColumn
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    internal static PropertyBuilder<T> AsJson<T>(this PropertyBuilder<T> property)
        where T : class? =>
        property.HasColumnType("jsonb").HasConversion(new Converter<T>(), new Comparer<T>());

    internal static ComplexTypePropertyBuilder<T> AsJson<T>(this ComplexTypePropertyBuilder<T> property)
        where T : class? =>
        property.HasColumnType("jsonb").HasConversion(new Converter<T>(), new Comparer<T>());

    private static string Write<T>(T value) => JsonSerializer.Serialize(value, Json);

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Json)!;

    private sealed class Converter<T>() : ValueConverter<T, string>(value => Write(value), json => Read<T>(json));

    // Values are never changed in place, so the text tells whether two are equal.
    private sealed class Comparer<T>() : ValueComparer<T>(
        (left, right) => Write(left) == Write(right), value => StringComparer.Ordinal.GetHashCode(Write(value)), value => value);
}
