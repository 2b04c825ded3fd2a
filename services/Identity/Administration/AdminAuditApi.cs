using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Administration;

/// <summary>The audit log, for those who run the system.</summary>
public static class AdminAuditApi
{
    /// <summary>Maps <c>/api/admin/audit</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminAuditApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/audit").WithTags("Audit").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/", ListAsync).WithSummary("Search the audit log");
        group.MapGet("/export", ExportAsync).WithSummary("Export the audit log");
        group.MapGet("/verify", VerifyAsync).WithSummary("Verify the audit log");
    }

    /// <summary>Entries of the audit log, newest first.</summary>
    internal static async Task<Results<Ok<Page<AuditEntryDetail>>, ProblemHttpResult>> ListAsync(
        IdentityDbContext db,
        [AsParameters] AuditQuery query,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<AuditPosition>.Read(cursor, limit);
        return request.Problem is { } problem
            ? problem
            : TypedResults.Ok(await query.Filter.PageAsync(db, request.After?.Sequence, request.Size, cancellationToken));
    }

    /// <summary>
    /// All entries that match, oldest first, as CSV (a cell that a spreadsheet would take for a formula is made text) or as a JSON array. The export is
    /// itself an entry of the log.
    /// </summary>
    internal static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ExportAsync(
        ClaimsPrincipal user,
        IdentityDbContext db,
        AuditTrail audit,
        [AsParameters] AuditQuery query,
        CancellationToken cancellationToken,
        [Description("csv or json; csv by default.")] string? format = null)
    {
        if (format is not (null or "csv" or "json"))
        {
            return ApiProblems.Invalid("format", AdministrationTexts.Get("refusal.format-unknown"));
        }

        audit.Add(AuditActions.AuditExported, null, actorId: user.PersonId(), details: new Dictionary<string, string?> { ["format"] = format ?? "csv" });
        await db.SaveChangesAsync(cancellationToken);
        var entries = Entries(db, query.Filter);
        return format == "json"
            ? TypedResults.Stream(output => AuditExport.WriteJsonAsync(entries, output, cancellationToken), "application/json", "audit.json")
            : TypedResults.Stream(output => AuditExport.WriteCsvAsync(entries, output, cancellationToken), "text/csv; charset=utf-8", "audit.csv");
    }

    /// <summary>Walks the hash chain from the first entry, and says where it breaks if it does. Reads the whole log.</summary>
    internal static async Task<Ok<AuditVerification>> VerifyAsync(AuditVerifier verifier, CancellationToken cancellationToken) =>
        TypedResults.Ok(await verifier.VerifyAsync(cancellationToken));

    private static async IAsyncEnumerable<AuditEntryDetail> Entries(IdentityDbContext db, AuditFilter filter)
    {
        await foreach (var entry in filter.Apply(db.AuditEntries.AsNoTracking()).OrderBy(entry => entry.Sequence).AsAsyncEnumerable())
        {
            yield return AuditEntryDetail.From(entry);
        }
    }
}

/// <summary>Which entries of the audit log are meant.</summary>
internal sealed class AuditQuery
{
    /// <summary>What was done, such as <c>session.started</c>.</summary>
    [Description("What was done, such as session.started.")]
    public string? Action { get; init; }

    /// <summary>Who did it.</summary>
    [Description("Who did it, or who was behind it while impersonating.")]
    public Guid? Actor { get; init; }

    /// <summary>To whom.</summary>
    [Description("To whom.")]
    public Guid? User { get; init; }

    /// <summary>In which organization.</summary>
    [Description("In which organization.")]
    public Guid? Organization { get; init; }

    /// <summary>From when on.</summary>
    [Description("At or after this time, RFC 3339.")]
    public DateTimeOffset? From { get; init; }

    /// <summary>Until when.</summary>
    [Description("Before this time, RFC 3339.")]
    public DateTimeOffset? To { get; init; }

    internal AuditFilter Filter => new(Action, Actor, User, Organization, From, To);
}
