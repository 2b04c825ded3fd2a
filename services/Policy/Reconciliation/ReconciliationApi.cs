using System.Globalization;
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
    private const int DifferencesShown = 200;

    /// <summary>Maps <c>/api/admin/policies/invariants</c> and <c>/api/admin/policies/refusals</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapReconciliationApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/policies").WithTags("Accounts").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/invariants", InvariantsAsync).WithSummary("Show the checks of the counters");
        group.MapGet("/refusals", ListRefusalsAsync).WithSummary("See why calls were refused");
    }

    /// <summary>
    /// The latest checks of the process that answers, latest first; each looks at some accounts, the next one at those that follow. And what of the accounts' sums is not what the usage
    /// ledger has: what is on its way differs for a moment, what has differed by the same in three looks is wrong.
    /// </summary>
    internal static async Task<Ok<CounterReport>> InvariantsAsync(CounterCheckWorker worker, PolicyDbContext db, CancellationToken cancellationToken)
    {
        var runs = worker.Runs;
        var differences = await db.LedgerDifferences.AsNoTracking()
            .OrderByDescending(row => row.Looks).ThenBy(row => row.AccountId).ThenBy(row => row.Meter).Take(DifferencesShown).ToListAsync(cancellationToken);
        return TypedResults.Ok(new CounterReport(
            runs.Count > 0 ? runs[0] : null, runs.Sum(run => run.Violations.Count), runs, [.. differences.Select(LedgerDifferenceItem.From)]));
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
/// <param name="Ledger">Sums that are not what the usage ledger has, at most 200, those that last first.</param>
public sealed record CounterReport(CounterCheckRun? Last, int Violations, IReadOnlyList<CounterCheckRun> Runs, IReadOnlyList<LedgerDifferenceItem> Ledger);

/// <summary>A sum that is not what the usage ledger has.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="Meter">The meter, or <c>cost.</c> and a currency.</param>
/// <param name="Difference">By how much the sum is above the ledger's, as a decimal text.</param>
/// <param name="IsLasting">Whether it was the same in three looks or more: then it is wrong, and not on its way.</param>
/// <param name="FirstSeenAt">Since when it is this one, UTC.</param>
/// <param name="LastSeenAt">When it was looked at last, UTC.</param>
public sealed record LedgerDifferenceItem(Guid AccountId, string Meter, string Difference, bool IsLasting, DateTimeOffset FirstSeenAt, DateTimeOffset LastSeenAt)
{
    internal static LedgerDifferenceItem From(LedgerDifference row) => new(
        row.AccountId, row.Meter, row.Difference.ToString("0.############", CultureInfo.InvariantCulture), row.Looks >= LedgerDifference.LooksThatLast, row.FirstSeenAt, row.LastSeenAt);
}
