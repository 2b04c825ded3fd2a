using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Billing.Auditing;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Billing.Subscriptions;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Api;

/// <summary>What admins do with somebody's subscription, by the way that its subscriber does it.</summary>
public static class AdminSubscriptionChangesApi
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(366);

    /// <summary>Maps <c>cancel</c>, <c>pause</c>, <c>resume</c> and <c>undo</c> under <c>/api/admin/subscriptions/{id}</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminSubscriptionChangesApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/subscriptions/{id:guid}").WithTags("Subscriptions").RequireAuthorization(ApiPolicies.StepUp);
        group.MapPost("/cancel", CancelAsync).WithIdempotencyKey().WithSummary("Cancel somebody's subscription");
        group.MapPost("/pause", PauseAsync).WithIdempotencyKey().WithSummary("Pause somebody's subscription from the end of the period on");
        group.MapPost("/resume", ResumeAsync).WithIdempotencyKey().WithSummary("Take somebody's paused subscription up again");
        group.MapPost("/undo", UndoAsync).WithIdempotencyKey().WithSummary("Take back a cancellation or pause that is to come");
    }

    /// <summary>
    /// Cancels at the end of what is paid for, or now, for good; nothing is given back by it. 409 with <c>code</c> says why it cannot be done; 404 without such a
    /// subscription.
    /// </summary>
    internal static Task<Results<Ok<AdminSubscription>, ProblemHttpResult>> CancelAsync(
        AdminCancelRequest body, [AsParameters] AdminSubscriptionContext context, CancellationToken cancellationToken) => context.ChangeAsync(
            body.Reason, "cancel", new { body.When },
            (subscription, actor) => context.Desk.CancelAsync(subscription, body.When == CancelWhen.Now, actor, cancellationToken), cancellationToken);

    /// <summary>Pauses from the end of the period on, until a time or until somebody resumes it. 409 with <c>code</c> says why it cannot be done.</summary>
    internal static async Task<Results<Ok<AdminSubscription>, ProblemHttpResult>> PauseAsync(
        AdminPauseRequest body, [AsParameters] AdminSubscriptionContext context, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        return body.ResumeAt is { } at && (at < now + ShortestPause || at > now + LongestPause)
            ? ApiProblems.Invalid("resumeAt", "Send a time that is at least a day and at most 366 days ahead, or leave it out.")
            : await context.ChangeAsync(
                body.Reason, "pause", new { body.ResumeAt },
                (subscription, actor) => context.Desk.PauseAsync(subscription, body.ResumeAt?.ToUniversalTime(), actor, cancellationToken), cancellationToken);
    }

    /// <summary>Takes a paused subscription up again now: a new period begins and is charged. 402 when the payment is declined.</summary>
    internal static Task<Results<Ok<AdminSubscription>, ProblemHttpResult>> ResumeAsync(
        ReasonRequest body, [AsParameters] AdminSubscriptionContext context, CancellationToken cancellationToken) => context.ChangeAsync(
            body.Reason, "resume", details: null,
            (subscription, actor) => context.Desk.ResumeAsync(subscription, at: null, actor, cancellationToken), cancellationToken);

    /// <summary>Takes back a cancellation or pause that is still to come. 409 with <c>code</c> <c>nothingAhead</c> when there is none.</summary>
    internal static Task<Results<Ok<AdminSubscription>, ProblemHttpResult>> UndoAsync(
        ReasonRequest body, [AsParameters] AdminSubscriptionContext context, CancellationToken cancellationToken) => context.ChangeAsync(
            body.Reason, "undo", details: null, (subscription, actor) => context.Desk.UndoAsync(subscription, actor, cancellationToken), cancellationToken);
}

/// <summary>Which subscription is meant, and what is needed to change it.</summary>
/// <param name="Id">Our id.</param>
/// <param name="User">Who asks.</param>
/// <param name="Response">The answer.</param>
/// <param name="Desk">Carries changes out.</param>
/// <param name="Db">Billing's database.</param>
/// <param name="Clock">The clock.</param>
public readonly record struct AdminSubscriptionContext(
    [property: Description("Our id.")] Guid Id, ClaimsPrincipal User, HttpResponse Response, SubscriptionDesk Desk, BillingDbContext Db, TimeProvider Clock)
{
    internal async Task<Results<Ok<AdminSubscription>, ProblemHttpResult>> ChangeAsync(
        string reason, string what, object? details, Func<Subscription, string, Task<ChangeResult>> change, CancellationToken cancellationToken)
    {
        if (Reasons.Refuse(reason) is { } problem)
        {
            return problem;
        }

        var id = Id;
        if (await Db.Subscriptions.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } subscription)
        {
            return ApiProblems.NotFound($"There is no subscription {Id}.");
        }

        // Before Paddle is asked: who wanted it is known whatever happens then.
        var actor = Caller.Of(User).Subject;
        Db.Audit(Clock.GetUtcNow(), actor, $"subscription.{what}_requested", Id.ToString(), subscription.AccountId, reason, details);
        await Db.SaveChangesAsync(cancellationToken);
        return await change(subscription, actor) switch
        {
            ChangeResult.Done(var changed) => TypedResults.Ok(AdminSubscription.From(changed)),
            ChangeResult.Refused(var refusal) => ShopProblems.Of(refusal),
            ChangeResult.Failed(var failure) => failure.ToProblem(Response),
            var result => throw new InvalidOperationException($"There is no answer for {result}."),
        };
    }
}

/// <summary>A cancellation.</summary>
/// <param name="Reason">Why, 1 to 500 characters. Without personal data: it stays.</param>
/// <param name="When">When it takes effect; at the end of the period by default.</param>
public sealed record AdminCancelRequest(string Reason, CancelWhen When = CancelWhen.PeriodEnd);

/// <summary>A pause.</summary>
/// <param name="Reason">Why, 1 to 500 characters. Without personal data: it stays.</param>
/// <param name="ResumeAt">When it goes on by itself, a day to 366 days ahead; left out: when somebody resumes it.</param>
public sealed record AdminPauseRequest(string Reason, DateTimeOffset? ResumeAt = null);
