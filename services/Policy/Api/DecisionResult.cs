using System.Buffers;
using System.Net.Mime;
using System.Reflection;
using System.Text.Json;
using BotGeneric.Policy.Decisions;
using Microsoft.AspNetCore.Http.Metadata;

namespace BotGeneric.Policy.Api;

/// <summary>
/// The answer of a decision, 200. A call that is allowed is answered for each call of a model: its answer is written member by member, the same text that the serializer would make
/// of <see cref="Value"/>.
/// </summary>
/// <param name="decision">The decision.</param>
/// <param name="request">What was asked.</param>
public sealed class DecisionResult(Decision decision, DecisionRequest request) : IResult, IStatusCodeHttpResult, IValueHttpResult<DecisionAnswer>, IEndpointMetadataProvider
{
    private const int InitialBytes = 4096;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>The answer.</summary>
    public DecisionAnswer Value => DecisionAnswers.Of(decision, request);

    /// <inheritdoc />
    public int? StatusCode => StatusCodes.Status200OK;

    /// <inheritdoc />
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(DecisionAnswer), [MediaTypeNames.Application.Json]));
    }

    /// <inheritdoc />
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        if (!decision.IsAllowed)
        {
            return response.WriteAsJsonAsync(Value, httpContext.RequestAborted);
        }

        var buffer = _buffer ??= new ArrayBufferWriter<byte>(InitialBytes);
        var writer = _writer ??= new Utf8JsonWriter(buffer);
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        DecisionJsonWriter.Write(writer, decision);
        writer.Flush();
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = buffer.WrittenCount;
        response.BodyWriter.Write(buffer.WrittenSpan);
        return Task.CompletedTask;
    }
}
