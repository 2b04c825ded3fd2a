using System.Text;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Edge;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Billing.Api;

/// <summary>Where Paddle delivers its notifications.</summary>
public static class PaddleWebhookApi
{
    /// <summary>Maps <c>POST /webhooks/paddle</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapPaddleWebhookApi(this IEndpointRouteBuilder app) =>
        app.MapPost("/webhooks/paddle", ReceiveAsync)
            .AllowAnonymous()
            .WithMetadata(new RequestSizeLimitAttribute(PaddleWebhookGuard.MaximumBodyBytes))
            .WithTags("Paddle")
            .WithSummary("Receive a notification from Paddle");

    /// <summary>
    /// Verifies the signature over the raw body, stores the event and answers 200 once it is committed. Its effect follows within
    /// moments. A repeated delivery is answered 200 and changes nothing. Nothing is stored of what is refused: 401 when the signature is missing,
    /// wrong or too old, 400 when the body is signed and still no notification, 403 for a rehearsal in Production and, where that is
    /// checked, for an address that is not Paddle's, 413 above 2 MB.
    /// </summary>
    internal static async Task<Results<Ok, ProblemHttpResult>> ReceiveAsync(
        HttpRequest request, PaddleWebhookGuard guard, PaddleInbox inbox, PaddleInboxSignal signal, CancellationToken cancellationToken)
    {
        var admission = await guard.AdmitAsync(request, cancellationToken);
        if (admission.Event is not { } paddleEvent)
        {
            return Refuse(admission.Refusal.GetValueOrDefault());
        }

        if (await inbox.StoreAsync(paddleEvent, Encoding.UTF8.GetString(admission.Body), cancellationToken))
        {
            signal.Raise();
        }

        return TypedResults.Ok();
    }

    private static ProblemHttpResult Refuse(PaddleRefusal refusal)
    {
        var (status, detail) = PaddleRefusals.AnswerTo(refusal);
        return status switch
        {
            StatusCodes.Status400BadRequest => ApiProblems.Invalid("$", detail),
            StatusCodes.Status401Unauthorized => ApiProblems.Problem(status, detail, ProblemTypes.InvalidSignature),
            _ => ApiProblems.Problem(status, detail),
        };
    }
}
