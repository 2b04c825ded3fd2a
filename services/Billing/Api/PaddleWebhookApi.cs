using System.Text;
using BotGeneric.Billing.Paddle;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Api;

/// <summary>Where Paddle delivers its notifications.</summary>
public static class PaddleWebhookApi
{
    // Paddle's largest notifications are tens of kilobytes.
    private const int MaximumBodyBytes = 1024 * 1024;

    /// <summary>Maps <c>POST /webhooks/paddle</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapPaddleWebhookApi(this IEndpointRouteBuilder app) =>
        app.MapPost("/webhooks/paddle", ReceiveAsync)
            .AllowAnonymous()
            .WithMetadata(new RequestSizeLimitAttribute(MaximumBodyBytes))
            .WithTags("Paddle")
            .WithSummary("Receive a notification from Paddle");

    /// <summary>
    /// Verifies the signature over the raw body, stores the event and answers 200 once it is committed. Its effect follows within
    /// moments. A repeated delivery is answered 200 and changes nothing. 401 when the signature is missing, wrong or too old, 400 when the
    /// body is signed and still no notification: then nothing is stored.
    /// </summary>
    internal static async Task<Results<Ok, ProblemHttpResult>> ReceiveAsync(
        HttpRequest request,
        PaddleInbox inbox,
        PaddleInboxSignal signal,
        PaddleMetrics metrics,
        IOptions<PaddleOptions> options,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        var body = await ReadAsync(request, cancellationToken);
        var verdict = PaddleSignature.Verify(
            request.Headers[PaddleSignature.HeaderName], body, options.Value.WebhookSecrets, timeProvider.GetUtcNow(), options.Value.SignatureTolerance);
        if (verdict != SignatureVerdict.Valid)
        {
            metrics.Refused(verdict.ToString().ToLowerInvariant());
            return ApiProblems.Problem(StatusCodes.Status401Unauthorized, Explain(verdict), ProblemTypes.InvalidSignature);
        }

        if (PaddleEvent.TryRead(body) is not { } paddleEvent)
        {
            metrics.Refused("invalid_body");
            return ApiProblems.Invalid("$", "The body is no Paddle notification: event_id, event_type, occurred_at and data are required.");
        }

        if (await inbox.StoreAsync(paddleEvent, Encoding.UTF8.GetString(body), cancellationToken))
        {
            signal.Raise();
        }

        return TypedResults.Ok();
    }

    private static string Explain(SignatureVerdict verdict) => verdict switch
    {
        SignatureVerdict.Malformed => $"Send the header {PaddleSignature.HeaderName} as 'ts=<unix seconds>;h1=<64 hexadecimal digits>'.",
        SignatureVerdict.Stale => "The signature's time is too far from ours. Sign again with the present time; check both clocks.",
        _ => "No signature in the header matches this body under a configured secret.",
    };

    private static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }
}
