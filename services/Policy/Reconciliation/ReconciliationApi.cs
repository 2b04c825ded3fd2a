using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Reconciliation;

/// <summary>Whether the counters are right, and why calls were refused.</summary>
public static class ReconciliationApi
{
    /// <summary>Maps <c>/api/admin/policies/invariants</c> and <c>/api/admin/policies/refusals</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapReconciliationApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/policies").WithTags("Accounts").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/invariants", Invariants).WithSummary("Show the checks of the counters");
        group.MapGet("/refusals", ListRefusalsAsync).WithSummary("See why calls were refused");
    }

    /// <summary>The latest checks of the process that answers, latest first. Each looks at some accounts, the next one at those that follow.</summary>
    internal static Ok<CounterReport> Invariants(CounterCheckWorker worker)
    {
        var runs = worker.Runs;
        return TypedResults.Ok(new CounterReport(runs.Count > 0 ? runs[0] : null, runs.Sum(run => run.Violations.Count), runs));
    }

    /// <summary>Calls of an account that were refused, latest first, each with where every limit stood. A few of each minute are kept, for 30 days.</summary>
    internal static async Task<Results<Ok<Page<RefusedCall>>, ProblemHttpResult>> ListRefusalsAsync(
        PolicyDbContext db, Guid account, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var query = db.Refusals.AsNoTracking().Where(refusal => refusal.AccountId == account);
        if (request.After is { } after)
        {
            query = query.Where(refusal => refusal.Id < after.Id);
        }

        var rows = await query.OrderByDescending(refusal => refusal.Id).Take(request.Size + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<RefusedCall>.From(rows, request.Size, row => new Position(row.Id)));
    }

    private sealed record Position(Guid Id);
}

/// <summary>The checks of the counters.</summary>
/// <param name="Last">The latest; null before the first.</param>
/// <param name="Violations">What did not hold in all that are listed; 0 is what it must be.</param>
/// <param name="Runs">Up to 60, latest first.</param>
public sealed record CounterReport(CounterCheckRun? Last, int Violations, IReadOnlyList<CounterCheckRun> Runs);
