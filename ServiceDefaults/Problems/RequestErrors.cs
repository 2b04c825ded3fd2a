using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace BotGeneric.ServiceDefaults.Problems;

/// <summary>
/// The one place that says what is wrong with a request that could not be read before its handler saw it: body, parameters, media type, size. Never in the
/// framework's words, which name the types of the program.
/// </summary>
/// <param name="json">How bodies are read.</param>
internal sealed class RequestErrors(IOptions<JsonOptions> json)
{
    /// <summary>Describes why a request could not be read.</summary>
    /// <param name="exception">What went wrong.</param>
    /// <param name="context">The request.</param>
    /// <param name="endpoint">Where it was going.</param>
    /// <returns>The problem; null when the request is not what is wrong.</returns>
    internal ProblemDetails? TryDescribe(Exception exception, HttpContext context, Endpoint? endpoint)
    {
        var accepted = endpoint?.Metadata.GetMetadata<IAcceptsMetadata>();
        return exception switch
        {
            BadHttpRequestException { InnerException: JsonException fault } => BodyErrors.Describe(fault, accepted?.RequestType, json.Value.SerializerOptions),
            BadHttpRequestException bad when IsWithoutBody(bad) => BodyErrors.DescribeMissing(accepted?.RequestType, json.Value.SerializerOptions),
            BadHttpRequestException bad when BindingErrors.TryDescribe(bad, endpoint) is { } binding => binding,
            BadHttpRequestException bad => Describe(bad, context, accepted),
            InvalidOperationException when accepted is not null && HasUnknownCharset(context.Request) => new ProblemDetails
            {
                Status = StatusCodes.Status415UnsupportedMediaType,
                Detail = ProblemAdvice.Get("charset"),
            },
            _ => null,
        };
    }

    private static bool IsWithoutBody(BadHttpRequestException exception) =>
        exception.Message.StartsWith("Implicit body inferred", StringComparison.Ordinal)
        || exception.Message.EndsWith("was not provided from body.", StringComparison.Ordinal);

    private static ProblemDetails Describe(BadHttpRequestException exception, HttpContext context, IAcceptsMetadata? accepted) => new()
    {
        Status = exception.StatusCode,
        Detail = exception.StatusCode switch
        {
            StatusCodes.Status413PayloadTooLarge => context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize is { } limit
                ? ProblemAdvice.Get("body-larger", limit)
                : ProblemAdvice.Get("body-large"),
            StatusCodes.Status415UnsupportedMediaType => accepted is { ContentTypes.Count: > 0 }
                ? ProblemAdvice.Get("media-type", string.Join(", ", accepted.ContentTypes))
                : ProblemAdvice.Get("media-type-other"),
            StatusCodes.Status408RequestTimeout => ProblemAdvice.Get("body-slow"),
            StatusCodes.Status400BadRequest when exception.Message.Contains("form", StringComparison.Ordinal) => ProblemAdvice.Get("form-broken"),
            StatusCodes.Status400BadRequest when exception.InnerException is IOException => ProblemAdvice.Get("body-broken"),
            _ => ProblemAdvice.Get("request-broken"),
        },
    };

    // The framework meets such a charset as a fault of the program.
    private static bool HasUnknownCharset(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.Charset.Length == 0)
        {
            return false;
        }

        try
        {
            return type.Encoding is null && Encoding.GetEncoding(type.Charset.ToString()) is null;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }
}
