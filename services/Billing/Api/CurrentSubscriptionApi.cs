using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Billing.Subscriptions;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Billing.Api;

/// <summary>
/// What the account in whose name the caller acts has subscribed to, and what its subscribers do with it. In an organization every member sees the state; its
/// owners, admins and those who look after payments may change it.
/// </summary>
public static class CurrentSubscriptionApi
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(366);

    /// <summary>Maps <c>/api/subscriptions/current</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapCurrentSubscriptionApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/subscriptions/current").WithTags("Subscriptions");
        group.MapGet("/", GetAsync).RequireScope(ApiScopes.BillingRead).WithSummary("See what you have subscribed to");
        group.MapPost("/cancel", CancelAsync).RequireScope(ApiScopes.BillingWrite).WithIdempotencyKey().WithSummary("Cancel");
        group.MapPost("/undo", UndoAsync).RequireScope(ApiScopes.BillingWrite).WithIdempotencyKey().WithSummary("Take back a cancellation or pause that is to come");
        group.MapPost("/pause", PauseAsync).RequireScope(ApiScopes.BillingWrite).WithIdempotencyKey().WithSummary("Pause from the end of the period on");
        group.MapPost("/resume", ResumeAsync).RequireScope(ApiScopes.BillingWrite).WithIdempotencyKey().WithSummary("Go on after a pause");
        group.MapPost("/activate", ActivateAsync).RequireScope(ApiScopes.BillingWrite).WithIdempotencyKey().WithSummary("End the trial and begin to pay");
    }

    /// <summary>
    /// The subscription to a product and any others that are live. <c>subscription</c> is null when there is none. <c>actions</c> names what the caller can do now.
    /// </summary>
    internal static async Task<Results<Ok<CurrentSubscriptions>, ProblemHttpResult>> GetAsync(
        ClaimsPrincipal user,
        BillingDbContext db,
        SubscriptionViews views,
        CancellationToken cancellationToken,
        [Description("To which product; main by default.")] string product = Plan.DefaultProduct)
    {
        var caller = await BillingCaller.ReaderAsync(user, db, cancellationToken);
        return caller.IsGranted
            ? TypedResults.Ok(await views.CurrentAsync(caller.AccountId, product, BillingCaller.LooksAfterPayments(user), cancellationToken))
            : caller.Problem;
    }

    /// <summary>
    /// Cancels: at the end of what is paid for, which can be taken back until then, or now, for good. While a payment is missing or during a pause only now. 409 with
    /// <c>code</c> says why it cannot be done.
    /// </summary>
    internal static Task<Results<Ok<SubscriptionView>, ProblemHttpResult>> CancelAsync(
        CancelRequest request,
        [AsParameters] SubscriptionContext context,
        CancellationToken cancellationToken) =>
        context.ChangeAsync((subscription, desk, actor) => desk.CancelAsync(subscription, request.When == CancelWhen.Now, actor, cancellationToken), cancellationToken);

    /// <summary>Takes back a cancellation or pause that is still to come. 409 with <c>code</c> <c>nothingAhead</c> when there is none.</summary>
    internal static Task<Results<Ok<SubscriptionView>, ProblemHttpResult>> UndoAsync(
        [AsParameters] SubscriptionContext context, CancellationToken cancellationToken) =>
        context.ChangeAsync((subscription, desk, actor) => desk.UndoAsync(subscription, actor, cancellationToken), cancellationToken);

    /// <summary>
    /// Pauses from the end of the period on: until then it can be used and the pause taken back, afterwards nothing is charged and it cannot be used.
    /// 409 with <c>code</c> says why it cannot be done.
    /// </summary>
    internal static async Task<Results<Ok<SubscriptionView>, ProblemHttpResult>> PauseAsync(
        PauseRequest request,
        [AsParameters] SubscriptionContext context,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        if (request.ResumeAt is { } at && (at < timeProvider.GetUtcNow() + ShortestPause || at > timeProvider.GetUtcNow() + LongestPause))
        {
            return ApiProblems.Invalid("resumeAt", "Send a time that is at least a day and at most 366 days ahead, or leave it out.");
        }

        return await context.ChangeAsync(
            (subscription, desk, actor) => desk.PauseAsync(subscription, request.ResumeAt?.ToUniversalTime(), actor, cancellationToken), cancellationToken);
    }

    /// <summary>Goes on after a pause, now or at a time. A new period begins then and is charged. 402 when the payment is declined; 409 with <c>code</c> when it is not paused.</summary>
    internal static async Task<Results<Ok<SubscriptionView>, ProblemHttpResult>> ResumeAsync(
        ResumeRequest request,
        [AsParameters] SubscriptionContext context,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        if (request.At is { } at && (at <= timeProvider.GetUtcNow() || at > timeProvider.GetUtcNow() + LongestPause))
        {
            return ApiProblems.Invalid("at", "Send a time that is ahead, at most 366 days, or leave it out for now.");
        }

        return await context.ChangeAsync(
            (subscription, desk, actor) => desk.ResumeAsync(subscription, request.At?.ToUniversalTime(), actor, cancellationToken), cancellationToken);
    }

    /// <summary>Ends the trial now: the first period begins and is charged. 402 when the payment is declined; 409 with <c>code</c> when there is no trial.</summary>
    internal static Task<Results<Ok<SubscriptionView>, ProblemHttpResult>> ActivateAsync(
        [AsParameters] SubscriptionContext context, CancellationToken cancellationToken) =>
        context.ChangeAsync((subscription, desk, actor) => desk.ActivateAsync(subscription, actor, cancellationToken), cancellationToken);
}

/// <summary>Whose subscription is meant, and what is needed to change it.</summary>
/// <param name="User">Who asks.</param>
/// <param name="Response">The answer.</param>
/// <param name="Db">Billing's database.</param>
/// <param name="Desk">Carries changes out.</param>
/// <param name="Views">Shows the result.</param>
/// <param name="Subscription">Which of the account's subscriptions; by default its present one to the product.</param>
/// <param name="Product">To which product; main by default.</param>
public readonly record struct SubscriptionContext(
    ClaimsPrincipal User,
    HttpResponse Response,
    BillingDbContext Db,
    SubscriptionDesk Desk,
    SubscriptionViews Views,
    [property: Description("Which of the account's subscriptions; by default its present one to the product.")] Guid? Subscription,
    [property: Description("To which product; main by default.")] string? Product)
{
    /// <summary>Finds the subscription among those of the account.</summary>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The subscription and who asks, or the answer to give instead.</returns>
    internal async Task<(Subscription? Subscription, BillingCaller Caller, ProblemHttpResult? Problem)> FindAsync(CancellationToken cancellationToken)
    {
        var caller = await BillingCaller.PayerAsync(User, Db, cancellationToken);
        if (!caller.IsGranted)
        {
            return (null, caller, caller.Problem);
        }

        var found = await Desk.FindAsync(caller.AccountId, Subscription, Product ?? Plan.DefaultProduct, cancellationToken);
        return (found, caller, found is null ? ShopProblems.NoSubscription() : null);
    }

    internal async Task<Results<Ok<SubscriptionView>, ProblemHttpResult>> ChangeAsync(
        Func<Subscription, SubscriptionDesk, string, Task<ChangeResult>> change, CancellationToken cancellationToken)
    {
        var (subscription, caller, problem) = await FindAsync(cancellationToken);
        return problem ?? await AnswerAsync(await change(subscription!, Desk, caller.Subject), cancellationToken);
    }

    internal async Task<Results<Ok<SubscriptionView>, ProblemHttpResult>> AnswerAsync(ChangeResult result, CancellationToken cancellationToken) => result switch
    {
        ChangeResult.Done(var changed) => TypedResults.Ok(await Views.OfAsync(changed, cancellationToken)),
        ChangeResult.Refused(var reason) => ShopProblems.Of(reason),
        ChangeResult.Failed(var failure) => failure.ToProblem(Response),
        _ => throw new ArgumentOutOfRangeException(nameof(result)),
    };
}

/// <summary>When a cancellation takes effect.</summary>
public enum CancelWhen
{
    /// <summary>At the end of what is paid for.</summary>
    PeriodEnd,

    /// <summary>Now. It cannot be taken back.</summary>
    Now,
}

/// <summary>A cancellation.</summary>
public sealed record CancelRequest
{
    /// <summary>When it takes effect; at the end of the period by default.</summary>
    public CancelWhen When { get; init; }
}

/// <summary>A pause.</summary>
public sealed record PauseRequest
{
    /// <summary>When it goes on by itself, a day to 366 days ahead; by default when the subscriber says so.</summary>
    public DateTimeOffset? ResumeAt { get; init; }
}

/// <summary>The end of a pause.</summary>
public sealed record ResumeRequest
{
    /// <summary>When, at most 366 days ahead; now by default.</summary>
    public DateTimeOffset? At { get; init; }
}
