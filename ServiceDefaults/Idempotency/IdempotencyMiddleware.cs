using System.Security.Cryptography;
using System.Text;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.ServiceDefaults.Idempotency;

/// <summary>Honours <c>Idempotency-Key</c> on the endpoints that are marked with <see cref="IdempotentMetadata"/>.</summary>
/// <param name="next">The rest of the pipeline.</param>
internal sealed class IdempotencyMiddleware(RequestDelegate next)
{
    internal const int MaximumKeyLength = 255;
    internal const string HeaderName = "Idempotency-Key";
    internal const string ReplayedHeaderName = "Idempotency-Replayed";

    public Task InvokeAsync(HttpContext context)
    {
        var key = context.Request.Headers[HeaderName].ToString();
        return key.Length == 0 || context.GetEndpoint()?.Metadata.GetMetadata<IdempotentMetadata>() is not { } idempotent
            ? next(context)
            : HonourAsync(context, key, idempotent);
    }

    private async Task HonourAsync(HttpContext context, string key, IdempotentMetadata idempotent)
    {
        if (key.Length > MaximumKeyLength || key.Any(character => character is < '!' or > '~'))
        {
            await ApiProblems.Invalid(HeaderName, ProblemAdvice.Get("key-form", MaximumKeyLength)).ExecuteAsync(context);
            return;
        }

        var store = context.RequestServices.GetRequiredService<IdempotencyStore>();
        var caller = Caller.Of(context.User);
        // What a person does for an organization and for himself are requests of two accounts, however alike they look.
        var owner = caller.OrganizationId is { } organization ? $"{caller.Subject}@{organization}" : caller.Subject;
        var hash = await HashAsync(context.Request, context.RequestAborted);
        switch (await store.ClaimAsync(owner, key, hash, context.RequestAborted))
        {
            case KeyClaim.Taken(var claimedAt):
                await CarryOutAsync(context, store, owner, key, claimedAt, idempotent.Answer);
                break;
            case KeyClaim.Answered(var answer):
                await ReplayAsync(context, answer);
                break;
            case KeyClaim.Mismatch:
                await ApiProblems.Problem(StatusCodes.Status422UnprocessableEntity, ProblemAdvice.Get("key-reused")).ExecuteAsync(context);
                break;
            default:
                context.Response.Headers.RetryAfter = "1";
                await ApiProblems.Conflict(ProblemAdvice.Get("key-busy")).ExecuteAsync(context);
                break;
        }
    }

    private async Task CarryOutAsync(
        HttpContext context, IdempotencyStore store, string owner, string key, DateTimeOffset claimedAt, IdempotentAnswer kept)
    {
        var client = context.Response.Body;
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        try
        {
            await next(context);
        }
        catch
        {
            // Whether the effect happened is unknown only if its commit was under way; the effect's own uniqueness decides then.
            context.Response.Body = client;
            await store.ReleaseAsync(owner, key, claimedAt, CancellationToken.None);
            throw;
        }

        context.Response.Body = client;
        var response = context.Response;
        if (response.StatusCode is StatusCodes.Status429TooManyRequests or >= StatusCodes.Status500InternalServerError)
        {
            await store.ReleaseAsync(owner, key, claimedAt, CancellationToken.None);
        }
        else
        {
            // The effect has happened, so its answer is kept even when the caller has hung up meanwhile.
            var body = kept == IdempotentAnswer.Withheld && response.StatusCode < StatusCodes.Status300MultipleChoices ? null : answer.ToArray();
            await store.StoreAsync(
                owner, key, claimedAt, new StoredAnswer(response.StatusCode, response.ContentType, response.Headers.Location, body), CancellationToken.None);
        }

        answer.Position = 0;
        await answer.CopyToAsync(client, context.RequestAborted);
    }

    private static async Task ReplayAsync(HttpContext context, StoredAnswer answer)
    {
        context.Response.Headers[ReplayedHeaderName] = "true";
        if (answer.Location is { } location)
        {
            context.Response.Headers.Location = location;
        }

        if (answer.Body is null)
        {
            await ApiProblems.Conflict(ProblemAdvice.Get("key-secret")).ExecuteAsync(context);
            return;
        }

        context.Response.StatusCode = answer.StatusCode;
        context.Response.ContentType = answer.ContentType;
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private static async Task<byte[]> HashAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        request.EnableBuffering();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            hash.AppendData(buffer, 0, read);
        }

        request.Body.Position = 0;
        return hash.GetHashAndReset();
    }
}
