using System.ComponentModel;
using System.Text.Json;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Invariants;
using BotGeneric.Usage.Queries;
using BotGeneric.Usage.Rollups;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Usage.Api;

/// <summary>The ledger as a whole, for those who run the system and for services that compare their counters with it.</summary>
public static class AdminUsageApi
{
    private const string Rebuilds = "/api/admin/usage/rollups/rebuilds";
    private const int RebuildsShown = 50;

    private static readonly byte[] LineEnd = [(byte)'\n'];
    private static readonly TimeSpan LongestSpan = TimeSpan.FromDays(31);

    /// <summary>Maps what is under <c>/api/admin/usage</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminUsageApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/usage").WithTags("Usage").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/totals", TotalsAsync).WithSummary("Total the usage of accounts");
        group.MapGet("/entries", Entries).WithSummary("Stream entries in order of time");
        group.MapGet("/invariants", InvariantsAsync).WithSummary("Show the checks of the ledger against its rollups");
        group.MapPost("/rollups/rebuild", RebuildAsync).WithSummary("Rebuild rollups from the ledger");
        group.MapGet("/rollups/rebuilds", RebuildsAsync).WithSummary("Show the rebuilds of all rollups");
    }

    /// <summary>
    /// What accounts used in a time, by person, in the order of the accounts' ids. Exact up to the moment of the question. <c>from</c> and <c>to</c> are required; 400 names the one
    /// that is missing, off a quarter of an hour, or not later than <c>from</c>. <c>limit</c> is of accounts.
    /// </summary>
    internal static async Task<Results<Ok<Page<AccountTotals>>, ProblemHttpResult>> TotalsAsync(
        AccountTotalsReader totals,
        [Description("The first moment, on a quarter of an hour. Required.")] DateTimeOffset from,
        [Description("The first moment after, on a quarter of an hour, later than from. Required.")] DateTimeOffset to,
        CancellationToken cancellationToken,
        [Description("Only this account.")] Guid? account = null,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        if (SpanErrors.Of(from, to) is { Count: > 0 } errors)
        {
            return ApiProblems.Invalid(errors);
        }

        var rows = await totals.ReadAsync(
            account, request.After?.Account ?? Guid.Empty, request.Size + 1, from.ToUniversalTime(), to.ToUniversalTime(), cancellationToken);
        return TypedResults.Ok(Page<AccountTotals>.From(rows, request.Size, row => new Position(row.AccountId)));
    }

    /// <summary>
    /// The entries of a time, earliest call first, one JSON object on each line. Without an account at most 31 days at once.
    /// </summary>
    internal static Results<PushStreamHttpResult, ProblemHttpResult> Entries(
        UsageDbContext db,
        [Description("Calls at or after this time, RFC 3339.")] DateTimeOffset from,
        [Description("Calls before this time, RFC 3339.")] DateTimeOffset to,
        CancellationToken cancellationToken,
        [Description("Only this account.")] Guid? account = null)
    {
        if (from >= to)
        {
            return ApiProblems.Invalid("to", SpanErrors.NotLater);
        }

        if (account is null && to - from > LongestSpan)
        {
            return ApiProblems.Invalid("to", $"Send a time at most {LongestSpan.Days} days later than from, or name an account.");
        }

        var entries = EntryWalk.InOrder(db, from.ToUniversalTime(), to.ToUniversalTime(), account, cancellationToken);
        return TypedResults.Stream(output => WriteAsync(output, entries, cancellationToken), "application/x-ndjson");
    }

    /// <summary>The latest checks, latest first. Each looks at some accounts, the next one at those that follow.</summary>
    internal static async Task<Ok<InvariantReport>> InvariantsAsync(InvariantCheck check, CancellationToken cancellationToken)
    {
        var runs = await check.LatestAsync(100, cancellationToken);
        return TypedResults.Ok(new InvariantReport(runs.Count > 0 ? runs[0] : null, runs.Sum(run => run.Violations.Count), runs));
    }

    /// <summary>
    /// Makes the rollups anew from the ledger. The numbers stay the same unless something was wrong; nobody who reads or reports waits for it. Those of one account at once: 200
    /// says what was made. Those of all in the background, account after account, also across restarts: 202, and <c>GET …/rollups/rebuilds</c> says how far it is. While that is
    /// under way, asking again is answered with the same one.
    /// </summary>
    internal static async Task<Results<Ok<RebuiltRollups>, Accepted<RebuildState>>> RebuildAsync(
        RollupRebuild rebuild, RebuildRequest request, CancellationToken cancellationToken)
    {
        if (request.AccountId is not { } account)
        {
            return TypedResults.Accepted(Rebuilds, await rebuild.RequestAsync(cancellationToken));
        }

        var (calls, meters) = await rebuild.RunAsync(account, cancellationToken);
        return TypedResults.Ok(new RebuiltRollups(calls, meters));
    }

    /// <summary>The latest rebuilds of all accounts, latest first; at most 50.</summary>
    internal static async Task<Ok<RebuildReport>> RebuildsAsync(RollupRebuild rebuild, CancellationToken cancellationToken) =>
        TypedResults.Ok(new RebuildReport(await rebuild.LatestAsync(RebuildsShown, cancellationToken)));

    private static async Task WriteAsync(Stream output, IAsyncEnumerable<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        await foreach (var entry in entries.WithCancellation(cancellationToken))
        {
            await JsonSerializer.SerializeAsync(output, new LedgerLine(entry.AccountId, UsageHistoryItem.From(entry)), JsonSerializerOptions.Web, cancellationToken);
            await output.WriteAsync(LineEnd, cancellationToken);
        }
    }

    private sealed record Position(Guid Account);

    private sealed record LedgerLine(Guid AccountId, UsageHistoryItem Entry);
}

/// <summary>The checks of the ledger against its rollups.</summary>
/// <param name="Last">The latest; null before the first.</param>
/// <param name="Violations">What did not hold in all that are listed; 0 is what it must be.</param>
/// <param name="Runs">Up to 100, latest first.</param>
public sealed record InvariantReport(InvariantRun? Last, int Violations, IReadOnlyList<InvariantRun> Runs);

/// <summary>Rebuilds of the rollups of all accounts.</summary>
/// <param name="Items">Up to 50, latest first.</param>
public sealed record RebuildReport(IReadOnlyList<RebuildState> Items);

/// <summary>Which rollups are to be rebuilt.</summary>
/// <param name="AccountId">Those of this account; null: all.</param>
public sealed record RebuildRequest(Guid? AccountId = null);

/// <summary>What was rebuilt.</summary>
/// <param name="CallCells">Cells of calls.</param>
/// <param name="MeterCells">Cells of the operator's meters.</param>
public sealed record RebuiltRollups(int CallCells, int MeterCells);
