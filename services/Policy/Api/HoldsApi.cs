using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Policy.Decisions;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace BotGeneric.Policy.Api;

/// <summary>Holds: what a decision has reserved.</summary>
public static class HoldsApi
{
    private const int MaximumBodyBytes = 16 * 1024;

    /// <summary>Maps <c>/api/policy/holds</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapHoldsApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/policy/holds/{id:guid}")
            .WithTags("Decisions")
            .RequireScope(ApiScopes.PolicyAuthorize)
            .WithMetadata(new RequestSizeLimitAttribute(MaximumBodyBytes));
        group.MapPost("/extend", ExtendAsync).WithIdempotencyKey().WithSummary("Let a hold last longer, or enlarge it");
        group.MapPost("/commit", CommitAsync).WithSummary("Say what was consumed");
        group.MapPost("/release", ReleaseAsync).WithSummary("Give a hold back");
    }

    /// <summary>
    /// Lets a hold that runs last longer and, with an estimate, reserves more: all of it or, with a minimum, what there is; a refusal leaves the hold as it was. Send an
    /// <c>Idempotency-Key</c> with an estimate: a repetition would reserve it again. 409
    /// when the hold does not run any more, 404 when the account has no such hold or a service has taken it, 503 while the counters cannot be reached.
    /// </summary>
    internal static async Task<Results<Ok<DecisionAnswer>, ProblemHttpResult>> ExtendAsync(
        Guid id, ExtendRequest body, ClaimsPrincipal user, DecisionEngine engine, HoldSettlement holds, IOptions<DecisionOptions> options,
        CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var lifetime = DecisionRequests.Lifetime(errors, body.TtlSeconds, options.Value);
        var more = DecisionRequests.Amounts(errors, body.Estimate, body.Minimum, defaultRequests: null);
        if (errors.Count > 0)
        {
            return ApiProblems.Invalid(errors);
        }

        if (!DecisionRequests.TryReadAccount(Caller.Of(user), user, body.Subject, out var account, out var problem))
        {
            return problem;
        }

        if (DegradedHold.Is(id))
        {
            return TypedResults.Ok(new DecisionAnswer { Decision = "allow", HoldId = id, ExpiresAt = null, Limits = [], Degraded = true });
        }

        try
        {
            if (more.Count > 0 && await engine.EnlargeAsync(account, id, more, lifetime, cancellationToken, IsOperator(user)) is { } enlarged)
            {
                return TypedResults.Ok(DecisionAnswers.Of(enlarged.Decision, enlarged.Request));
            }

            var hold = await holds.ProlongAsync(account, id, more.Count > 0 ? TimeSpan.Zero : lifetime, IsOperator(user));
            return hold.Outcome == HoldOutcome.Done && more.Count == 0
                ? TypedResults.Ok(new DecisionAnswer { Decision = "allow", HoldId = id, ExpiresAt = hold.ExpiresAt, Limits = [] })
                : Refuse(id, hold);
        }
        catch (CountersUnavailableException)
        {
            return Unavailable();
        }
    }

    /// <summary>
    /// Counts what was consumed, whether the hold still runs or its time is over, and gives the rest back unless <c>final</c> is false. Safe to repeat. Report the usage
    /// event with <c>holdId</c> in its data: then it is counted once. 409 for a second commit with other numbers, for less than was committed before and after a
    /// release; 404 when the account has no such hold or a service has taken it; 503 while the counters cannot be reached: send it again.
    /// </summary>
    internal static async Task<Results<Ok<HoldAnswer>, ProblemHttpResult>> CommitAsync(
        Guid id, CommitRequest body, ClaimsPrincipal user, HoldSettlement holds, IOptions<DecisionOptions> options)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var actual = DecisionRequests.Read(errors, "actual", body.Actual, defaultRequests: null);
        var lifetime = body.TtlSeconds is null ? TimeSpan.Zero : DecisionRequests.Lifetime(errors, body.TtlSeconds, options.Value);
        DecisionRequests.EventId(errors, body.EventId);
        if (errors.Count > 0)
        {
            return ApiProblems.Invalid(errors);
        }

        if (!DecisionRequests.TryReadAccount(Caller.Of(user), user, body.Subject, out var account, out var problem))
        {
            return problem;
        }

        return await SettleAsync(id, () => holds.CommitAsync(account, id, actual, body.EventId ?? string.Empty, body.Final ?? true, lifetime, IsOperator(user)));
    }

    /// <summary>
    /// Gives back what is held, because the call was not made. Safe to repeat. What was committed in parts before stays committed. 409 after a final commit, 404 when
    /// the account has no such hold or a service has taken it, 503 while the counters cannot be reached.
    /// </summary>
    internal static async Task<Results<Ok<HoldAnswer>, ProblemHttpResult>> ReleaseAsync(
        Guid id, [FromBody] ReleaseRequest? body, ClaimsPrincipal user, HoldSettlement holds)
    {
        if (!DecisionRequests.TryReadAccount(Caller.Of(user), user, body?.Subject, out var account, out var problem))
        {
            return problem;
        }

        return await SettleAsync(id, () => holds.ReleaseAsync(account, id, IsOperator(user)));
    }

    private static bool IsOperator(ClaimsPrincipal user) => Caller.Of(user) is { IsService: true } or { IsAdmin: true };

    private static async Task<Results<Ok<HoldAnswer>, ProblemHttpResult>> SettleAsync(Guid id, Func<Task<HoldStatus>> settle)
    {
        if (DegradedHold.Is(id))
        {
            // Nothing was held; the usage event is what counts.
            return TypedResults.Ok(new HoldAnswer { HoldId = id, State = HoldStates.Released, InLedger = false, Amounts = [] });
        }

        try
        {
            var hold = await settle();
            return hold.Outcome is HoldOutcome.Done or HoldOutcome.Repeated ? TypedResults.Ok(DecisionAnswers.Of(id, hold)) : Refuse(id, hold);
        }
        catch (CountersUnavailableException)
        {
            return Unavailable();
        }
    }

    private static ProblemHttpResult Refuse(Guid id, HoldStatus hold) => hold.Outcome switch
    {
        HoldOutcome.Unknown => ApiProblems.NotFound($"The account has no hold {id}. It may have been finished long ago; report the usage event, which is what counts."),
        HoldOutcome.Different => ApiProblems.Conflict($"The hold {id} is committed already, with other numbers or for another event. Report a correction instead."),
        HoldOutcome.Less => ApiProblems.Conflict($"More was committed of the hold {id} before. Send what was consumed from the beginning of the call."),
        _ => ApiProblems.Conflict($"The hold {id} is {hold.State}. Ask for a new decision."),
    };

    private static ProblemHttpResult Unavailable() => ApiProblems.Problem(
        StatusCodes.Status503ServiceUnavailable, "The counters cannot be reached at the moment. Send the same request again in a few seconds; nothing was changed or counted twice.");
}
