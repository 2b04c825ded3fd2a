using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using BotGeneric.Testing.Services;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Access.Tests.Walk;

/// <summary>
/// Sends every operation of a running service what cannot be read, and looks at the answers: problem details that say what to send, never a fault of the
/// program and nothing of its types.
/// </summary>
/// <param name="services">The service's own services.</param>
/// <param name="client">A client without a token.</param>
internal sealed class MalformedWalk(IServiceProvider services, HttpClient client)
{
    private const string Trace = "walk";

    // What the framework says, and nobody who calls an API should read.
    private static readonly string[] Foreign =
        ["System.", "BotGeneric.", "JSON value could not be converted", "parameter \\u0022", "parameter \"", ".NET", "BytePosition", "Implicit body", "Nullable", "   at "];

    private readonly List<string> _findings = [];

    /// <summary>What is wrong, one sentence each.</summary>
    public IReadOnlyList<string> Findings => _findings;

    /// <summary>Sends malformed bodies to every operation that takes JSON.</summary>
    public async Task TryBodiesAsync()
    {
        foreach (var operation in await OperationsAsync())
        {
            if (operation.JsonBody(Guid.CreateVersion7(), Trace) is not { } good)
            {
                continue;
            }

            foreach (var body in MalformedBodies.Of(good))
            {
                await SendAsync(operation, body, "application/json");
            }

            await SendAsync(operation, new MalformedBody("text/plain", Encoding.UTF8.GetBytes(good), true), "text/plain");
            await SendAsync(operation, new MalformedBody("no content type", Encoding.UTF8.GetBytes(good), false), null);
            await SendAsync(operation, new MalformedBody("an unknown charset", Encoding.UTF8.GetBytes(good), false), "application/json; charset=nope");
        }
    }

    /// <summary>Sends what means nothing as each parameter of the query of every operation.</summary>
    public async Task TryParametersAsync()
    {
        foreach (var operation in await OperationsAsync())
        {
            foreach (var (name, schema) in operation.QueryParameters)
            {
                foreach (var value in new[] { "no such value", "\"", "99999999999999999999", "-1", "0001-01-01T00:00:00Z", "\0", string.Empty })
                {
                    using var request = operation.CreateRequest(Guid.CreateVersion7(), Trace);
                    var address = request.RequestUri!.OriginalString;
                    // The first of two is not what counts; it must be the only one.
                    var kept = address.Split('?') is [_, var query] ? query.Split('&').Where(part => !part.StartsWith($"{name}=", StringComparison.Ordinal)) : [];
                    request.RequestUri = new Uri(
                        $"{address.Split('?')[0]}?{string.Join('&', kept.Append($"{name}={Uri.EscapeDataString(value)}"))}", UriKind.Relative);
                    await JudgeAsync(operation, request, $"'{Uri.EscapeDataString(value)}' as {name}", value == "no such value" && IsNoText(schema) ? name : null);
                }
            }
        }
    }

    private static bool IsNoText(JsonElement schema) =>
        schema.TryGetProperty("enum", out _)
        || (schema.TryGetProperty("format", out var format) && format.GetString() is "uuid" or "date-time" or "date" or "int32" or "int64")
        || (schema.TryGetProperty("type", out var type) && type.ToString() is "integer" or "boolean" or "number");

    private async Task SendAsync(Operation operation, MalformedBody body, string? type)
    {
        using var request = operation.CreateRequest(Guid.CreateVersion7(), Trace);
        request.Content = new ByteArrayContent(body.Bytes);
        if (type is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        await JudgeAsync(operation, request, body.Kind, null, body.MustBeRefused);
    }

    private async Task JudgeAsync(Operation operation, HttpRequestMessage request, string kind, string? parameter, bool mustBeRefused = false)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var caller = OpenEndpoints.CallerOf(operation.Path) is { } process
            ? new TestToken { Subject = process, ClientId = process, Scopes = operation.Scopes ?? [] }
            : TestToken.Operator;
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.Issue(caller, now));
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        // Without the account of a vendor some operations say that they cannot be used: a problem of its own, and not one of the request.
        if (response.StatusCode >= HttpStatusCode.InternalServerError && !text.Contains("-not-configured", StringComparison.Ordinal))
        {
            _findings.Add($"{operation.Name} answered {(int)response.StatusCode} to {kind}: {text}");
        }
        else if ((int)response.StatusCode >= 400)
        {
            JudgeRefusal(operation, response, kind, text);
        }
        else if (mustBeRefused || parameter is not null)
        {
            _findings.Add($"{operation.Name} answered {(int)response.StatusCode} to {kind}.");
        }

        if (parameter is not null && response.StatusCode == HttpStatusCode.BadRequest && !text.Contains($"\"{parameter}\":[", StringComparison.Ordinal))
        {
            _findings.Add($"{operation.Name} does not say of {kind} which parameter it is: {text}");
        }
    }

    private void JudgeRefusal(Operation operation, HttpResponseMessage response, string kind, string text)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            _findings.Add($"{operation.Name} answered {(int)response.StatusCode} to {kind} with something else than problem details.");
            return;
        }

        if (Foreign.FirstOrDefault(word => text.Contains(word, StringComparison.Ordinal)) is { } said)
        {
            _findings.Add($"{operation.Name} answered {kind} in words of the program ('{said}'): {text}");
        }

        var problem = JsonElement.Parse(text);
        var saysWhat = problem.TryGetProperty("detail", out _) || (problem.TryGetProperty("errors", out var errors) && errors.EnumerateObject().Any());
        if (!saysWhat && response.StatusCode is (HttpStatusCode.BadRequest or HttpStatusCode.UnsupportedMediaType or HttpStatusCode.UnprocessableEntity))
        {
            _findings.Add($"{operation.Name} does not say what is wrong with {kind}: {text}");
        }
    }

    private async Task<IReadOnlyList<Operation>> OperationsAsync()
    {
        using var response = await client.GetAsync("/openapi/v1.json");
        // Pages have no document.
        return response.StatusCode == HttpStatusCode.NotFound ? [] : Operation.Of(JsonElement.Parse(await response.Content.ReadAsByteArrayAsync()));
    }
}
