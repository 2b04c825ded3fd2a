using System.Security.Claims;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BotGeneric.Billing.Api;

/// <summary>Paddle's catalogue and ours.</summary>
public static class AdminCatalogueApi
{
    private const int MostMappings = 500;

    /// <summary>Maps <c>POST /api/admin/plans/push</c> and <c>/pull</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminCatalogueApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/plans").WithTags("Plans").RequireAuthorization(ApiPolicies.Admin);
        group.MapPost("/push", PushAsync).WithSummary("Write plans and prices to Paddle's catalogue");
        group.MapPost("/pull", PullAsync).WithSummary("Compare Paddle's catalogue with ours and take prices over");
    }

    /// <summary>
    /// Makes Paddle's catalogue what the plans say: creates products and prices, changes what differs, archives what is out of sale. Safe to repeat: what was made
    /// before is found by our mark in its custom data. With <c>dryRun</c> it only says what it would do. The answer is 200 also when single things could not be
    /// written; they say why. 409 while another push or pull runs, 503 when Paddle cannot be reached.
    /// </summary>
    internal static async Task<Results<Ok<PushReport>, ProblemHttpResult>> PushAsync(
        PushRequest body,
        CataloguePush push,
        BillingDbContext db,
        NpgsqlDataSource dataSource,
        ClaimsPrincipal user,
        HttpResponse response,
        CancellationToken cancellationToken)
    {
        if (await UnknownPlanAsync(db, body.Plans ?? [], cancellationToken) is { } unknown)
        {
            return ApiProblems.Invalid("plans", $"There is no plan '{unknown}'.");
        }

        await using var taken = await AdvisoryLock.TryTakeAsync(dataSource, BillingWork.Catalogue, cancellationToken);
        if (taken is null)
        {
            return Busy();
        }

        try
        {
            return TypedResults.Ok(await push.PushAsync(body, Caller.Of(user).Subject, onlyMissing: false, cancellationToken));
        }
        catch (PaddleException exception)
        {
            return exception.Failure.ToProblem(response);
        }
    }

    /// <summary>
    /// Reads every price of Paddle's and says what it sells and how it differs. Prices with our mark are linked; others sell a plan when a mapping says so, and
    /// who has paid at one of them already gets the plan. With <c>importAmounts</c> what was changed at Paddle becomes the next version of our price. With
    /// <c>dryRun</c> it only says what it would do. 409 while another push or pull runs, 503 when Paddle cannot be reached.
    /// </summary>
    internal static async Task<Results<Ok<PullReport>, ProblemHttpResult>> PullAsync(
        PullRequest body,
        CataloguePull pull,
        BillingDbContext db,
        NpgsqlDataSource dataSource,
        ClaimsPrincipal user,
        HttpResponse response,
        CancellationToken cancellationToken)
    {
        if (body.Mappings is { } mappings && (mappings.Count > MostMappings || mappings.DistinctBy(mapping => mapping?.PaddlePriceId).Count() != mappings.Count
            || mappings.Any(mapping => mapping is null || string.IsNullOrEmpty(mapping.PaddlePriceId) || string.IsNullOrEmpty(mapping.PlanCode))))
        {
            return ApiProblems.Invalid("mappings", $"Send at most {MostMappings}, each with paddlePriceId and planCode, and each price once.");
        }

        if (await UnknownPlanAsync(db, [.. (body.Mappings ?? []).Select(mapping => mapping.PlanCode)], cancellationToken) is { } unknown)
        {
            return ApiProblems.Invalid("mappings", $"There is no plan '{unknown}'.");
        }

        await using var taken = await AdvisoryLock.TryTakeAsync(dataSource, BillingWork.Catalogue, cancellationToken);
        if (taken is null)
        {
            return Busy();
        }

        try
        {
            return TypedResults.Ok(await pull.PullAsync(body, Caller.Of(user).Subject, cancellationToken));
        }
        catch (PaddleException exception)
        {
            return exception.Failure.ToProblem(response);
        }
    }

    private static async Task<string?> UnknownPlanAsync(BillingDbContext db, IReadOnlyList<string> codes, CancellationToken cancellationToken)
    {
        if (codes.Count == 0)
        {
            return null;
        }

        var known = await db.Plans.AsNoTracking().Where(plan => codes.Contains(plan.Code)).Select(plan => plan.Code).ToListAsync(cancellationToken);
        return codes.FirstOrDefault(code => !known.Contains(code, StringComparer.Ordinal));
    }

    private static ProblemHttpResult Busy() => ApiProblems.Conflict("Another push or pull is running. Wait for it and look again.");
}
