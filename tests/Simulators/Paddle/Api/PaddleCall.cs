using System.Text.Json;
using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Clock;

namespace BotGeneric.Simulators.Paddle.Api;

/// <summary>A call of the API.</summary>
/// <param name="Id">The id in its path; empty where there is none.</param>
/// <param name="Query">The query.</param>
/// <param name="Body">The body; empty where there is none.</param>
internal sealed record PaddleCall(string Id, ListQuery Query, Fields Body);

/// <summary>Maps calls, each of which runs alone.</summary>
/// <param name="group">Where the API is.</param>
/// <param name="engine">Runs them.</param>
/// <param name="baseUrl">The API's own address, for links to the next page.</param>
internal sealed class PaddleRoutes(RouteGroupBuilder group, PaddleEngine engine, Func<string> baseUrl)
{
    public void Get(string path, Func<PaddleCall, Answer> handle) => group.MapGet(path, (HttpContext context, string? id = null) =>
        engine.Run(() => handle(new PaddleCall(id ?? string.Empty, Query(context), new Fields([])))));

    public void Post(string path, Func<PaddleCall, Answer> handle, bool bodyOptional = false) => Write(HttpMethods.Post, path, handle, bodyOptional);

    public void Patch(string path, Func<PaddleCall, Answer> handle) => Write(HttpMethods.Patch, path, handle, bodyOptional: false);

    private void Write(string method, string path, Func<PaddleCall, Answer> handle, bool bodyOptional) => group.MapMethods(
        path,
        [method],
        async (HttpContext context, CancellationToken cancellationToken, string? id = null) =>
        {
            var (body, refusal) = await ReadAsync(context.Request, bodyOptional, cancellationToken);
            return refusal is not null ? refusal : engine.Run(() => handle(new PaddleCall(id ?? string.Empty, Query(context), new Fields(body!))));
        });

    private static async Task<(JsonObject? Body, Answer? Refusal)> ReadAsync(HttpRequest request, bool optional, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        if (buffer.Length == 0 && optional)
        {
            return ([], null);
        }

        if (!request.HasJsonContentType())
        {
            return (null, new Refusal(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "Invalid Content-Type header."));
        }

        try
        {
            if (JsonNode.Parse(buffer.ToArray()) is JsonObject body)
            {
                // Reads every member now: a repeated one shows when it is looked up.
                _ = body.Count;
                return (body, null);
            }
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            // Answered below.
        }

        return (null, Refusal.BadRequest("invalid_json", "The request body is not a JSON object."));
    }

    private ListQuery Query(HttpContext context) => new(context.Request.Query, baseUrl() + PaddlePaths.BelowApi(context.Request.Path));
}
