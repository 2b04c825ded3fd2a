using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Policy.Decisions;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace BotGeneric.Policy.Api;

/// <summary>Decisions about calls.</summary>
public static class DecisionsApi
{
    private const int MaximumBodyBytes = 16 * 1024;
    private const int MaximumBatchBytes = 512 * 1024;
    private const int MaximumBatch = 100;

    /// <summary>Maps <c>/api/policy/authorize</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapDecisionsApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/policy/authorize").WithTags("Decisions").RequireScope(ApiScopes.PolicyAuthorize);
        group.MapPost("/", AuthorizeAsync)
            .WithMetadata(new RequestSizeLimitAttribute(MaximumBodyBytes))
            .WithSummary("Decide about a call and hold what it needs");
        group.MapPost("/batch", AuthorizeBatchAsync)
            .WithMetadata(new RequestSizeLimitAttribute(MaximumBatchBytes))
            .WithSummary("Decide about several calls");
    }

    /// <summary>
    /// Evaluates every limit that applies to the call, and holds what it needs in all of them or in none. Both outcomes are 200: <c>decision</c> says which,
    /// <c>reason</c> says why not in three languages. The hold counts against the limits until it is committed, released or its time is over. An estimate of nothing
    /// but zeros holds nothing and says where the caller stands. 404 for an account that is not the caller's, unless a service or those who run the system ask.
    /// </summary>
    internal static async Task<Results<DecisionResult, ProblemHttpResult>> AuthorizeAsync(
        AuthorizeRequest body, ClaimsPrincipal user, DecisionEngine engine, Refusals refusals, IOptions<DecisionOptions> options,
        CancellationToken cancellationToken)
    {
        var request = DecisionRequests.Read(body, user, options.Value, out var problem);
        if (request is null)
        {
            return problem!;
        }

        var decision = await engine.AuthorizeAsync(request, cancellationToken);
        if (!decision.IsAllowed && !request.IsPeek)
        {
            refusals.Note(request, decision);
        }

        return new DecisionResult(decision, request);
    }

    /// <summary>
    /// Decides about up to 100 calls, each by itself and in no particular order: what one takes, another may miss. An invalid question has an error in its place,
    /// the others are decided.
    /// </summary>
    internal static async Task<Results<Ok<AuthorizeBatchAnswer>, ProblemHttpResult>> AuthorizeBatchAsync(
        AuthorizeBatchRequest body, ClaimsPrincipal user, DecisionEngine engine, Refusals refusals, IOptions<DecisionOptions> options,
        CancellationToken cancellationToken)
    {
        if (body.Items.Count is 0 or > MaximumBatch)
        {
            return ApiProblems.Invalid("items", $"Send 1 to {MaximumBatch} questions; these are {body.Items.Count}. Nothing was decided.");
        }

        var items = await Task.WhenAll(body.Items.Select(async item =>
        {
            // What a list has in its places is not checked by the serializer.
            if (item is null)
            {
                return new AuthorizeBatchItem(null, "Send a question in each place; this one is null.");
            }

            var answer = await AuthorizeAsync(item, user, engine, refusals, options, cancellationToken);
            return answer.Result is DecisionResult decision
                ? new AuthorizeBatchItem(decision.Value, null)
                : new AuthorizeBatchItem(null, Describe((ProblemHttpResult)answer.Result));
        }));
        return TypedResults.Ok(new AuthorizeBatchAnswer(items));
    }

    private static string Describe(ProblemHttpResult problem) => problem.ProblemDetails switch
    {
        HttpValidationProblemDetails invalid => string.Join(' ', invalid.Errors.Select(error => $"{error.Key}: {string.Join(' ', error.Value)}")),
        { Status: StatusCodes.Status404NotFound } => "subject: There is no such account that this token may see.",
        { Detail: var detail } => detail ?? string.Empty,
    };
}
