using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Polly.Timeout;

namespace BotGeneric.Billing.Paddle.Client;

/// <summary>
/// Sends one call of Paddle's API and says what became of it. A call that changes something is sent once: what is not known afterwards is said
/// to be unknown. Neither bodies nor queries are logged, they name people.
/// </summary>
/// <param name="http">Sends; its handlers repeat reads, keep the limits and end what takes too long.</param>
/// <param name="options">Whether there is a key.</param>
/// <param name="metrics">Counts calls.</param>
/// <param name="logger">Gets failures with Paddle's id of the request.</param>
internal sealed partial class PaddleTransport(
    HttpClient http, IOptions<PaddleOptions> options, PaddleClientMetrics metrics, ILogger<PaddleTransport> logger)
{
    private const int MaximumIdLength = 100;

    /// <summary>Reads an entity.</summary>
    internal Task<PaddleResult<T>> GetAsync<T>(string path, CancellationToken cancellationToken, bool needsKey = true)
        where T : class =>
        SendAsync<T>(new HttpRequestMessage(HttpMethod.Get, path), hasEffect: false, needsKey, cancellationToken);

    /// <summary>Creates or changes something, once.</summary>
    internal Task<PaddleResult<T>> ChangeAsync<TRequest, T>(HttpMethod method, string path, TRequest body, CancellationToken cancellationToken)
        where T : class =>
        SendAsync<T>(new HttpRequestMessage(method, path) { Content = ToContent(body) }, hasEffect: true, needsKey: true, cancellationToken);

    /// <summary>Asks what something would be; nothing changes.</summary>
    internal Task<PaddleResult<T>> AskAsync<TRequest, T>(
        HttpMethod method, string path, TRequest body, CancellationToken cancellationToken, bool isPricePreview = false)
        where T : class
    {
        var request = new HttpRequestMessage(method, path) { Content = ToContent(body) };
        request.Options.Set(PaddleRateGateHandler.IsPricePreview, isPricePreview);
        return SendAsync<T>(request, hasEffect: false, needsKey: true, cancellationToken);
    }

    /// <summary>Reads a list, page by page, and what can be read of it to its end.</summary>
    /// <exception cref="PaddleException">
    /// A page cannot be read; those before it were. Or, behind everything that could be read, single things that could not: they are in
    /// <see cref="PaddleException.Unreadable"/>.
    /// </exception>
    internal async IAsyncEnumerable<T> ListAsync<T>(
        string path, PaddleQuery query, int perPage, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var unreadable = new List<PaddleUnreadable>();
        await foreach (var listed in ListEachAsync<T>(path, query, perPage, cancellationToken))
        {
            if (listed.Value is { } value)
            {
                yield return value;
            }
            else
            {
                unreadable.Add(listed.Unreadable!);
            }
        }

        if (unreadable.Count > 0)
        {
            throw PaddleException.Of(unreadable);
        }
    }

    /// <summary>Reads a list, page by page, with what cannot be read at its place.</summary>
    /// <exception cref="PaddleException">A page cannot be read; those before it were.</exception>
    internal async IAsyncEnumerable<PaddleListed<T>> ListEachAsync<T>(
        string path, PaddleQuery query, int perPage, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var page = query.Add("per_page", perPage.ToString(CultureInfo.InvariantCulture));
        string? last = null;
        while (true)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path + page);
            var resource = ResourceOf(request);
            var answer = (await ReadAsync<List<JsonElement>>(request, false, true, cancellationToken)).OrThrow();
            foreach (var item in answer.Data)
            {
                yield return ReadItem<T>(item, resource, answer.Meta?.RequestId);
            }

            if (answer.Meta?.Pagination is not { HasMore: true } pagination)
            {
                yield break;
            }

            // Only the position is taken over: the key is sent nowhere but to the configured address, whatever an answer says.
            var after = Uri.TryCreate(pagination.Next, UriKind.Absolute, out var next)
                ? QueryHelpers.ParseQuery(next.Query).GetValueOrDefault("after").ToString()
                : string.Empty;
            if (after.Length == 0 || after == last)
            {
                throw new PaddleException(new PaddleFailure(
                    PaddleOutcome.Unavailable, new PaddleError(200, "http_pagination", null, [], answer.Meta.RequestId)));
            }

            last = after;
            page = page.From(after);
        }
    }

    // One thing that this version cannot read must not hide the others.
    private PaddleListed<T> ReadItem<T>(JsonElement item, string resource, string? requestId)
        where T : class
    {
        string place;
        try
        {
            if (item.Deserialize(PaddleClientJson.Of<T>()) is { } value)
            {
                return new PaddleListed<T>(value, null);
            }

            place = "$";
        }
        catch (JsonException exception)
        {
            // The place and not the message, which may say what stands there.
            place = exception.Path ?? "$";
        }

        var unreadable = new PaddleUnreadable(IdOf(item), place, Member(item, "custom_data"));
        metrics.Unreadable(resource);
        LogUnreadable(logger, resource, unreadable.Id, place, requestId);
        return new PaddleListed<T>(null, unreadable);
    }

    private static string? IdOf(JsonElement item) =>
        (Member(item, "id") ?? Member(item, "event_id")) is { ValueKind: JsonValueKind.String } id
        && id.GetString() is { Length: > 0 and <= MaximumIdLength } text
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character == '_')
            ? text
            : null;

    private static JsonElement? Member(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var member) ? member : null;

    private static ByteArrayContent ToContent<TRequest>(TRequest body) =>
        new(JsonSerializer.SerializeToUtf8Bytes(body, PaddleClientJson.Of<TRequest>()))
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
        };

    private async Task<PaddleResult<T>> SendAsync<T>(HttpRequestMessage request, bool hasEffect, bool needsKey, CancellationToken cancellationToken)
        where T : class
    {
        var answer = await ReadAsync<T>(request, hasEffect, needsKey, cancellationToken);
        return answer.IsDone ? answer.Value.Data : answer.Failure;
    }

    private async Task<PaddleResult<PaddleAnswer<T>>> ReadAsync<T>(
        HttpRequestMessage request, bool hasEffect, bool needsKey, CancellationToken cancellationToken)
        where T : class
    {
        using (request)
        {
            var resource = ResourceOf(request);
            if (needsKey && string.IsNullOrEmpty(options.Value.ApiKey))
            {
                metrics.Called(resource, PaddleOutcome.NotConfigured);
                return new PaddleFailure(PaddleOutcome.NotConfigured);
            }

            var result = await ExchangeAsync<T>(request, hasEffect, cancellationToken);
            metrics.Called(resource, result.Outcome);
            if (result.Failure is { } failure)
            {
                Log(request.Method, resource, failure);
            }

            return result;
        }
    }

    private async Task<PaddleResult<PaddleAnswer<T>>> ExchangeAsync<T>(HttpRequestMessage request, bool hasEffect, CancellationToken cancellationToken)
        where T : class
    {
        var lost = new PaddleFailure(hasEffect ? PaddleOutcome.Unknown : PaddleOutcome.Unavailable);
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                return PaddleFailures.Read(response, body, hasEffect);
            }

            // Done, and not to be read: what was changed is found out by reading again.
            return TryRead<T>(body) is { } answer
                ? answer
                : lost with { Error = new PaddleError((int)response.StatusCode, PaddleError.Unreadable, null, [], null) };
        }
        catch (HttpRequestException exception)
        {
            return PaddleFailures.WasSent(exception) ? lost : new PaddleFailure(PaddleOutcome.Unavailable);
        }
        catch (Exception exception) when (
            exception is TimeoutRejectedException or IOException or InvalidDataException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return lost;
        }
    }

    private static PaddleAnswer<T>? TryRead<T>(byte[] body)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, PaddleClientJson.Of<PaddleAnswer<T>>());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The first part of the path: the rest are ids.
    private static string ResourceOf(HttpRequestMessage request) => request.RequestUri!.OriginalString.Split('/', '?')[0];

    private void Log(HttpMethod method, string resource, PaddleFailure failure)
    {
        if (failure.Outcome == PaddleOutcome.Refused)
        {
            LogRefused(logger, method, resource, failure.Error?.Status, failure.Error?.Code, failure.Error?.RequestId);
        }
        else
        {
            LogLost(logger, method, resource, failure.Outcome, failure.Error?.Code, failure.Error?.RequestId);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Paddle refused {Method} {Resource}: {Status} {Code}, request {RequestId}")]
    private static partial void LogRefused(ILogger logger, HttpMethod method, string resource, int? status, string? code, string? requestId);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "One of {Resource} at Paddle cannot be read and is passed over: {Id} at {Place}, request {RequestId}")]
    private static partial void LogUnreadable(ILogger logger, string resource, string? id, string place, string? requestId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Resource} at Paddle: {Outcome} ({Code}, request {RequestId})")]
    private static partial void LogLost(ILogger logger, HttpMethod method, string resource, PaddleOutcome outcome, string? code, string? requestId);
}

/// <summary>Reads what went wrong.</summary>
internal static class PaddleFailures
{
    /// <summary>What an answer without success means.</summary>
    internal static PaddleFailure Read(HttpResponseMessage response, byte[] body, bool hasEffect)
    {
        var status = (int)response.StatusCode;
        var outcome = response.StatusCode switch
        {
            // Whoever answered this may have been behind the point where it was done.
            HttpStatusCode.RequestTimeout => hasEffect ? PaddleOutcome.Unknown : PaddleOutcome.Unavailable,
            >= HttpStatusCode.InternalServerError => hasEffect ? PaddleOutcome.Unknown : PaddleOutcome.Unavailable,
            >= HttpStatusCode.BadRequest => PaddleOutcome.Refused,
            _ => PaddleOutcome.Unavailable,
        };
        return new PaddleFailure(outcome, ReadError(status, body), RetryAfterOf(response));
    }

    /// <summary>Whether the request may have reached Paddle.</summary>
    internal static bool WasSent(HttpRequestException exception) => exception.HttpRequestError is not (
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError);

    /// <summary>How long to wait, when the answer says so.</summary>
    internal static TimeSpan? RetryAfterOf(HttpResponseMessage response) =>
        response.Headers.RetryAfter?.Delta is { } delta && delta > TimeSpan.Zero ? delta : null;

    private static PaddleError ReadError(int status, byte[] body)
    {
        PaddleErrorAnswer? answer = null;
        try
        {
            answer = JsonSerializer.Deserialize(body, PaddleClientJson.Default.PaddleErrorAnswer);
        }
        catch (JsonException)
        {
            // What stands in front of Paddle answers with pages.
        }

        var error = answer?.Error;
        return new PaddleError(
            status,
            string.IsNullOrEmpty(error?.Code) ? string.Create(CultureInfo.InvariantCulture, $"http_{status}") : error.Code,
            error?.Detail,
            error?.Errors ?? [],
            answer?.Meta?.RequestId);
    }
}
