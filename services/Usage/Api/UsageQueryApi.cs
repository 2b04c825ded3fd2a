using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Queries;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Usage.Api;

/// <summary>Usage added up.</summary>
public static class UsageQueryApi
{
    /// <summary>Maps <c>GET /api/usage/summary</c> and <c>POST /api/usage/query</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapUsageQueryApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/usage").RequireScope(ApiScopes.UsageRead).WithTags("Usage");
        group.MapGet("/summary", SummarizeAsync).WithSummary("Summarize an account's usage");
        group.MapPost("/query", QueryAsync).WithSummary("Query an account's usage").AllowWhileImpersonating();
    }

    /// <summary>
    /// What an account used and cost in a time, in total and by feature and model, and in total in the time of the same length before. Exact up to the moment of the
    /// question. The cost is null while the price of any call is unknown; <c>unpricedCalls</c> says how many. 400 names the parameter that is off a quarter of an hour, or not later than <c>from</c>.
    /// </summary>
    internal static async Task<Results<Ok<UsageSummary>, ProblemHttpResult>> SummarizeAsync(
        ClaimsPrincipal user,
        UsageSummaries summaries,
        TimeProvider timeProvider,
        CancellationToken cancellationToken,
        [Description("The account; the caller's own by default.")] Guid? account = null,
        [Description("The first moment, on a quarter of an hour; 30 days before the end by default.")] DateTimeOffset? from = null,
        [Description("The first moment after, on a quarter of an hour, later than from; the end of the present one by default.")] DateTimeOffset? to = null)
    {
        var access = AccountAccess.Read(user, account);
        if (!access.IsGranted)
        {
            return access.Problem;
        }

        var end = to ?? Periods.Floor(timeProvider.GetUtcNow()) + Periods.Cell;
        // An end in the first years there is nothing to count back from; it is refused by its name.
        var start = from ?? (end.Year > 1 ? end.AddDays(-30) : end);
        var errors = SpanErrors.Of(start, end);
        if (from is null && errors.Remove("from", out var said))
        {
            // What was counted back from the end is not the caller's.
            errors.TryAdd("to", said);
        }
        else if (to is null && errors.Remove("to"))
        {
            errors.TryAdd("from", ["Send a time that is past, or a later one as to."]);
        }

        if (errors.Count > 0)
        {
            return ApiProblems.Invalid(errors);
        }

        return await summaries.OfAsync(access.Account, start.ToUniversalTime(), end.ToUniversalTime(), cancellationToken) is { } summary
            ? TypedResults.Ok(summary)
            : ApiProblems.Problem(StatusCodes.Status422UnprocessableEntity, "There are too many features and models in that time to list. Use POST /api/usage/query.");
    }

    /// <summary>
    /// Calls, or a meter, by periods and groups. Days and months are those of a time zone, also where its clock is changed; periods in which there was nothing
    /// are left out. Numbers are decimal texts. CSV with <c>format=csv</c> or <c>Accept: text/csv</c>. 422 for more than 10,000 cells.
    /// </summary>
    internal static async Task<Results<Ok<UsageQueryResult>, PushStreamHttpResult, ProblemHttpResult>> QueryAsync(
        UsageQueryRequest query,
        ClaimsPrincipal user,
        HttpRequest request,
        UsageDbContext db,
        UsageQueries queries,
        CancellationToken cancellationToken,
        [Description("csv or json; json by default.")] string? format = null)
    {
        var access = AccountAccess.Read(user, query.Account);
        if (!access.IsGranted)
        {
            return access.Problem;
        }

        if (!ExportFormats.TryChoose(format, request, ExportFormat.Json, out var chosen))
        {
            return ApiProblems.Invalid("format", "Send csv or json.");
        }

        var meter = query.Meter is null ? null : await db.Meters.AsNoTracking().SingleOrDefaultAsync(known => known.Code == query.Meter, cancellationToken);
        if (UsageQueryPlan.Of(query, access.Account, meter, out var errors) is not { } plan)
        {
            return ApiProblems.Invalid(errors);
        }

        if (await queries.AnswerAsync(plan, cancellationToken) is not { } answer)
        {
            return ApiProblems.Problem(
                StatusCodes.Status422UnprocessableEntity,
                $"The answer has more than {UsageQueries.MaximumCells} cells. Ask for longer periods, a shorter time or fewer groups.");
        }

        return chosen == ExportFormat.Csv ? UsageQueryCsv.Of(plan, answer, cancellationToken) : TypedResults.Ok(answer);
    }
}
