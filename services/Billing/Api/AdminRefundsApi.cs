using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Billing.Payments;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Billing.Api;

/// <summary>Money that is given back.</summary>
public static class AdminRefundsApi
{
    /// <summary>Maps <c>POST /api/admin/transactions/{id}/refund</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminRefundsApi(this IEndpointRouteBuilder app) =>
        app.MapGroup("/api/admin/transactions").WithTags("Payments").RequireAuthorization(ApiPolicies.StepUp)
            .MapPost("/{id}/refund", RefundAsync).WithSummary("Give money back").WithIdempotencyKey();

    /// <summary>
    /// Asks Paddle to give a completed payment back, all of it or some. Paddle looks at it first: <c>status</c> of the adjustment is <c>pendingApproval</c> until then, and
    /// nothing has been given back. Never more than is left, which Paddle is asked. Send an <c>Idempotency-Key</c>: the same key refunds once. When Paddle does not
    /// answer, its list of adjustments is looked through for half a minute; if even that fails the answer is 503 <c>payment-outcome-unknown</c>: look at the adjustments
    /// before trying again. 404 without such a payment, 409 when it is not completed, 422 when the amount is too large.
    /// </summary>
    internal static async Task<Results<Ok<RefundAnswer>, ProblemHttpResult>> RefundAsync(
        [Description("Paddle's id of the payment, txn_…")] string id,
        RefundRequest body,
        Refunds refunds,
        ClaimsPrincipal user,
        HttpResponse response,
        CancellationToken cancellationToken)
    {
        var errors = body.Validate();
        if (errors.Count > 0)
        {
            return ApiProblems.Invalid(errors);
        }

        return await refunds.RefundAsync(id, body, Caller.Of(user).Subject, cancellationToken) switch
        {
            RefundResult.Done(var adjustment, var cancellation) => TypedResults.Ok(new RefundAnswer(
                adjustment, body.CancelSubscription ? cancellation is null : null, cancellation?.ToProblem(response).ProblemDetails.Detail)),
            RefundResult.Conflict(var detail) => ApiProblems.Conflict(detail),
            RefundResult.Impossible(var detail) => ApiProblems.Problem(StatusCodes.Status422UnprocessableEntity, detail),
            RefundResult.Failed(var failure) => failure.ToProblem(response),
            _ => ApiProblems.NotFound($"There is no payment {id}."),
        };
    }
}

/// <summary>A refund that Paddle has taken.</summary>
/// <param name="Adjustment">The refund, and how it stands.</param>
/// <param name="SubscriptionCanceled">Whether the subscription was canceled; null when it was not to be.</param>
/// <param name="CancellationProblem">Why it was not. Cancel it by itself then; the refund stands.</param>
public sealed record RefundAnswer(AdminAdjustment Adjustment, bool? SubscriptionCanceled, string? CancellationProblem);
