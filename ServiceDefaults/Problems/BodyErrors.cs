using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http;

namespace BotGeneric.ServiceDefaults.Problems;

/// <summary>
/// Says of a body that cannot be read which field is at fault and what to send there. What the serializer says itself is about the types of the program, in
/// English, and quotes the body; only where it found the fault is taken over.
/// </summary>
internal static class BodyErrors
{
    private const int MostNames = 40;

    // What 0 stands for in the options.
    private const int DefaultDepth = 64;

    /// <summary>Describes a fault.</summary>
    /// <param name="fault">What the serializer says.</param>
    /// <param name="body">What the body was read as; null when that is not known.</param>
    /// <param name="options">How it was read.</param>
    internal static HttpValidationProblemDetails Describe(JsonException fault, Type? body, JsonSerializerOptions options)
    {
        // The serializer wraps what the reader of the text itself throws.
        if (fault.InnerException is JsonException)
        {
            return Problem(BodyPlace.Whole, Syntax(fault, options));
        }

        var place = BodyPlace.Find(fault.Path, body, options);
        if (fault.Data[NullRefusal.Field] is string field)
        {
            place = place.Within(field, options);
        }

        if (place.Stranger is { } owner)
        {
            return Problem(place.Path, $"{ProblemAdvice.Get("unknown-field")} {ProblemAdvice.Get("known-fields", Names(owner))}");
        }

        var missing = Missing(fault, place.Type, options);
        return missing.Count == 0
            ? Problem(place.Path, Expectation.InBody(place.Type, options, fault.InnerException))
            : Problem(missing.ToDictionary(
                field => place.PathOf(field.Name),
                field => new[] { $"{ProblemAdvice.Get("missing")} {Expectation.InBody(field.PropertyType, options)}" }));
    }

    /// <summary>Describes the absence of a body.</summary>
    /// <param name="body">What it is read as; null when that is not known.</param>
    /// <param name="options">How it is read.</param>
    internal static HttpValidationProblemDetails DescribeMissing(Type? body, JsonSerializerOptions options) =>
        Problem(BodyPlace.Whole, $"{ProblemAdvice.Get("body-missing")} {Expectation.InBody(body, options)}");

    private static string Syntax(JsonException fault, JsonSerializerOptions options)
    {
        if (fault.Message.StartsWith("The maximum configured depth", StringComparison.Ordinal))
        {
            return ProblemAdvice.Get("body-depth", options.MaxDepth == 0 ? DefaultDepth : options.MaxDepth);
        }

        return ProblemAdvice.Get("body-syntax", fault.LineNumber + 1, fault.BytePositionInLine + 1);
    }

    // Which of the fields that must be there are not, the serializer says nowhere but in its message, in quotes.
    private static List<JsonPropertyInfo> Missing(JsonException fault, Type? type, JsonSerializerOptions options)
    {
        const string Introduction = "was missing required properties including:";
        var at = fault.Message.IndexOf(Introduction, StringComparison.Ordinal);
        if (at < 0 || type is null || !options.TryGetTypeInfo(Nullable.GetUnderlyingType(type) ?? type, out var info))
        {
            return [];
        }

        var names = fault.Message[(at + Introduction.Length)..];
        return [.. info.Properties.Where(field => field.IsRequired && names.Contains($"'{field.Name}'", StringComparison.Ordinal))];
    }

    private static string Names(JsonTypeInfo owner) => string.Join(", ", owner.Properties.Select(field => field.Name).Take(MostNames));

    private static HttpValidationProblemDetails Problem(string path, string advice) => Problem(new Dictionary<string, string[]> { [path] = [advice] });

    private static HttpValidationProblemDetails Problem(Dictionary<string, string[]> errors) => new(errors)
    {
        Status = StatusCodes.Status400BadRequest,
        Title = null,
        Detail = ProblemAdvice.Get("body-shape"),
    };
}
