using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Reconciliation;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Api;

/// <summary>Comparisons of what is held here with Paddle.</summary>
public static class PaddleReconciliationApi
{
    /// <summary>Maps <c>/api/admin/paddle/reconciliation</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapPaddleReconciliationApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/paddle/reconciliation").WithTags("Paddle").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/", ListAsync).WithSummary("List comparisons with Paddle");
        group.MapPost("/", BeginAsync).WithSummary("Compare with Paddle now");
        group.MapGet("/{id:guid}", GetAsync).WithSummary("Show a comparison");
        group.MapGet("/{id:guid}/differences", DifferencesAsync).WithSummary("List what a comparison has found");
    }

    /// <summary>Comparisons, the latest first.</summary>
    internal static async Task<Results<Ok<Page<ReconciliationReport>>, ProblemHttpResult>> ListAsync(
        BillingDbContext db,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var query = db.ReconciliationRuns.AsNoTracking();
        query = request.After is { } after ? query.Where(run => run.Id < after.Id) : query;
        // UUIDv7 sorts by creation.
        var rows = await query.OrderByDescending(run => run.Id).Take(request.Size + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<ReconciliationReport>.From([.. rows.Select(ReconciliationReport.From)], request.Size, row => new Position(row.Id)));
    }

    /// <summary>
    /// Begins a comparison with Paddle: of what has changed since the last one, or of everything. It runs in the background, and heals what differs by the way of
    /// events. 409 while one runs, with its id, and without a key of Paddle's API.
    /// </summary>
    internal static async Task<Results<Accepted<ReconciliationReport>, ProblemHttpResult>> BeginAsync(
        BeginReconciliationRequest body,
        ReconciliationSchedule schedule,
        ReconciliationSignal signal,
        IOptions<PaddleOptions> options,
        ClaimsPrincipal user,
        CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(options.Value.ApiKey))
        {
            return ApiProblems.Conflict("There is no key of Paddle's API: set Paddle:ApiKey first.");
        }

        var (run, isNew) = await schedule.BeginAsync(body.Full, Caller.Of(user).Subject, cancellationToken);
        if (!isNew)
        {
            return ApiProblems.Conflict($"The comparison {run.Id} is running. Wait for its end.");
        }

        signal.Raise();
        return TypedResults.Accepted($"/api/admin/paddle/reconciliation/{run.Id}", ReconciliationReport.From(run));
    }

    /// <summary>How a comparison stands.</summary>
    internal static async Task<Results<Ok<ReconciliationReport>, ProblemHttpResult>> GetAsync(
        [Description("The comparison.")] Guid id, BillingDbContext db, CancellationToken cancellationToken) =>
        await db.ReconciliationRuns.AsNoTracking().SingleOrDefaultAsync(run => run.Id == id, cancellationToken) is { } run
            ? TypedResults.Ok(ReconciliationReport.From(run))
            : Missing(id);

    /// <summary>
    /// What was not here as it is at Paddle, field by field, the latest first. <c>missing</c>: it was not here at all. <c>unknownAtProvider</c>: it is here and Paddle does not know it, which nothing
    /// heals by itself. <c>unreadable</c>: it could not be taken over. Names and addresses are not shown.
    /// </summary>
    internal static async Task<Results<Ok<Page<DifferenceReport>>, ProblemHttpResult>> DifferencesAsync(
        [Description("The comparison.")] Guid id,
        BillingDbContext db,
        CancellationToken cancellationToken,
        [Description("Only what is as at Paddle now, or only what is not.")] bool? healed = null,
        [Description("Only subscription, transaction, adjustment, customer, product or price.")] string? entity = null,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        if (!await db.ReconciliationRuns.AnyAsync(run => run.Id == id, cancellationToken))
        {
            return Missing(id);
        }

        var query = db.ReconciliationDifferences.AsNoTracking().Where(row => row.RunId == id);
        query = healed is { } isHealed ? query.Where(row => row.IsHealed == isHealed) : query;
        query = entity is not null ? query.Where(row => row.Entity == entity) : query;
        query = request.After is { } after ? query.Where(row => row.Id < after.Id) : query;
        var rows = await query.OrderByDescending(row => row.Id).Take(request.Size + 1)
            .Select(row => new DifferenceReport(row.Id, row.Entity, row.PaddleId, row.Field, row.Ours, row.Theirs, row.IsHealed, row.FoundAt))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<DifferenceReport>.From(rows, request.Size, row => new Position(row.Id)));
    }

    private static ProblemHttpResult Missing(Guid id) => ApiProblems.NotFound($"There is no comparison {id}.");

    private sealed record Position(Guid Id);
}

/// <summary>What to compare.</summary>
/// <param name="Full">Everything, not only what has changed since the last comparison.</param>
public sealed record BeginReconciliationRequest(bool Full = false);

/// <summary>A comparison.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Trigger">What started it.</param>
/// <param name="Since">What was changed at Paddle since then is compared, UTC; null: everything. Subscriptions are always all compared.</param>
/// <param name="Status">How it stands.</param>
/// <param name="StartedAt">When it began, UTC.</param>
/// <param name="FinishedAt">When it ended, UTC.</param>
/// <param name="Position">How far it has come.</param>
/// <param name="Compared">How many things were compared.</param>
/// <param name="Differences">How many of them differed; 0 until the end.</param>
/// <param name="Healed">How many of those are as at Paddle now.</param>
/// <param name="Error">Why it could not be finished.</param>
public sealed record ReconciliationReport(
    Guid Id,
    ReconciliationTrigger Trigger,
    DateTimeOffset? Since,
    ReconciliationStatus Status,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    string? Position,
    int Compared,
    int Differences,
    int Healed,
    string? Error)
{
    internal static ReconciliationReport From(ReconciliationRun run) => new(
        run.Id, run.Trigger, run.Since, run.Status, run.StartedAt, run.FinishedAt, run.Position, run.Compared, run.Differences, run.Healed, run.Error);
}

/// <summary>Something that was not here as it is at Paddle.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Entity">What kind of thing.</param>
/// <param name="PaddleId">Its id at Paddle.</param>
/// <param name="Field">What differs.</param>
/// <param name="Ours">What was here.</param>
/// <param name="Theirs">What is there.</param>
/// <param name="IsHealed">Whether it is as at Paddle now.</param>
/// <param name="FoundAt">When it was found, UTC.</param>
public sealed record DifferenceReport(
    Guid Id, string Entity, string PaddleId, string Field, string? Ours, string? Theirs, bool IsHealed, DateTimeOffset FoundAt);
