using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BotGeneric.Billing.Tests.Paddle;

/// <summary>
/// Something at Paddle's place, on a real socket. It answers what a test has planned, in that order, and 418 to anything else: a call that
/// nobody expected shows.
/// </summary>
internal sealed class PaddleStub : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _answers = new();
    private readonly ConcurrentQueue<StubRequest> _requests = new();
    private readonly TimeProvider _clock;

    private PaddleStub(WebApplication app, TimeProvider clock)
    {
        _app = app;
        _clock = clock;
        app.Run(AnswerAsync);
    }

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_app.Urls.Single());

    /// <summary>What was asked so far.</summary>
    public IReadOnlyList<StubRequest> Requests => [.. _requests];

    public static async Task<PaddleStub> StartAsync(TimeProvider clock)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var stub = new PaddleStub(builder.Build(), clock);
        await stub._app.StartAsync();
        return stub;
    }

    /// <summary>Plans an entity or a list.</summary>
    public PaddleStub Data(string json, int status = 200) => Body(status, $$"""{ "data": {{json}}, "meta": { "request_id": "req_ok" } }""");

    /// <summary>Plans a page of a list, as Paddle writes them: the next address is there even behind the last page.</summary>
    public PaddleStub Page(string json, string next, bool hasMore) => Body(200, $$"""
        { "data": {{json}}, "meta": { "request_id": "req_page", "pagination": { "per_page": 2, "next": "{{next}}", "has_more": {{(hasMore ? "true" : "false")}}, "estimated_total": 9 } } }
        """);

    /// <summary>Plans a refusal.</summary>
    public PaddleStub Error(int status, string code, int? retryAfter = null, string errors = "[]") => Body(
        status,
        $$"""{ "error": { "type": "request_error", "code": "{{code}}", "detail": "about lee@example.com", "documentation_url": "https://developer.paddle.com", "errors": {{errors}} }, "meta": { "request_id": "req_7" } }""",
        retryAfter);

    /// <summary>Plans an answer.</summary>
    public PaddleStub Body(int status, string body, int? retryAfter = null) => Plan(async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (retryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        await context.Response.WriteAsync(body);
    });

    /// <summary>Plans a connection that is cut after the request was read.</summary>
    public PaddleStub Cut() => Plan(context =>
    {
        context.Abort();
        return Task.CompletedTask;
    });

    /// <summary>Plans an answer that stops in the middle.</summary>
    public PaddleStub CutInTheMiddle() => Plan(async context =>
    {
        context.Response.ContentLength = 1000;
        await context.Response.WriteAsync("""{ "data": """);
        await context.Response.Body.FlushAsync();
        context.Abort();
    });

    /// <summary>Plans silence until the caller goes away.</summary>
    public PaddleStub Silence() => Plan(async context =>
    {
        var gone = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    });

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private PaddleStub Plan(Func<HttpContext, Task> answer)
    {
        _answers.Enqueue(answer);
        return this;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        _requests.Enqueue(new StubRequest(
            context.Request.Method,
            context.Request.Path.Value!,
            Uri.UnescapeDataString(context.Request.QueryString.Value!),
            body,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            _clock.GetUtcNow()));
        if (_answers.TryDequeue(out var answer))
        {
            await answer(context);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status418ImATeapot;
        }
    }
}

/// <summary>A request that arrived.</summary>
internal sealed record StubRequest(
    string Method, string Path, string Query, string Body, IReadOnlyDictionary<string, string> Headers, DateTimeOffset At);
