using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using BotGeneric.Policy.Policies;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Api;

/// <summary>Policies, for those who set them.</summary>
public static class AdminPoliciesApi
{
    /// <summary>Maps <c>/api/admin/policies</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminPoliciesApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/policies").WithTags("Policies").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/", ListAsync).WithSummary("List the policies");
        group.MapPost("/", CreateAsync).WithSummary("Create a policy").WithIdempotencyKey();
        group.MapGet("/{code}", FindAsync).WithSummary("See a policy");
        group.MapPut("/{code}", UpdateAsync).WithSummary("Change a policy");
        group.MapPost("/{code}/archive", ArchiveAsync).WithSummary("Take a policy out of force");
        group.MapGet("/{code}/versions", VersionsAsync).WithSummary("List the versions of a policy");
        group.MapPost("/{code}/versions/{number:int}/restore", RestoreAsync).WithSummary("Put an earlier version into force");
        group.MapGet("/audit", AuditAsync).WithSummary("List who changed limits");
    }

    /// <summary>Policies by code.</summary>
    internal static async Task<Results<Ok<Page<PolicySummary>>, ProblemHttpResult>> ListAsync(
        PolicyDbContext db,
        CancellationToken cancellationToken,
        [Description("Archived ones too.")] bool archived = false,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var page = PageRequest<CodePosition>.Read(cursor, limit);
        if (page.Problem is { } problem)
        {
            return problem;
        }

        var after = page.After?.Code ?? string.Empty;
        var policies = await db.Policies.AsNoTracking()
            .Where(policy => (archived || policy.ArchivedAt == null) && string.Compare(policy.Code, after) > 0)
            .OrderBy(policy => policy.Code).Take(page.Size + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<PolicySummary>.From([.. policies.Select(PolicySummary.From)], page.Size, policy => new CodePosition(policy.Code)));
    }

    /// <summary>A policy as it is now.</summary>
    internal static async Task<Results<Ok<PolicyDetail>, ProblemHttpResult>> FindAsync(
        [Description("The policy's code.")] string code, PolicyDbContext db, CancellationToken cancellationToken) =>
        await db.Policies.AsNoTracking().FirstOrDefaultAsync(policy => policy.Code == code, cancellationToken) is { } found
            ? TypedResults.Ok(PolicyDetail.From(found))
            : NoSuch(code);

    /// <summary>
    /// Creates a policy. It holds within a second everywhere. 400 names each contradiction by its place: within the document, and with policies of the same scope and
    /// priority that are in force at the same time. 409 when the code is taken.
    /// </summary>
    internal static async Task<Results<Created<PolicyDetail>, ProblemHttpResult>> CreateAsync(
        CreatePolicyRequest body, ClaimsPrincipal user, PolicyCatalogue catalogue, CancellationToken cancellationToken)
    {
        if (Changes.Read(user, body.Reason, out var problem) is not { } by)
        {
            return problem!;
        }

        var outcome = await catalogue.CreateAsync(body.Code, body.Terms, by, cancellationToken);
        return outcome.IsDone ? TypedResults.Created($"/api/admin/policies/{outcome.Value.Code}", PolicyDetail.From(outcome.Value)) : outcome.Problem;
    }

    /// <summary>Changes a policy, all of it, and makes a version. 409 when somebody has changed it since it was read.</summary>
    internal static async Task<Results<Ok<PolicyDetail>, ProblemHttpResult>> UpdateAsync(
        [Description("The policy's code.")] string code, UpdatePolicyRequest body, ClaimsPrincipal user, PolicyCatalogue catalogue, CancellationToken cancellationToken) =>
        Changes.Read(user, body.Reason, out var problem) is { } by
            ? Answer(await catalogue.UpdateAsync(code, body.Version, body.Terms, by, cancellationToken))
            : problem!;

    /// <summary>Takes a policy out of force. Its versions stay, and any of them can be restored.</summary>
    internal static async Task<Results<Ok<PolicyDetail>, ProblemHttpResult>> ArchiveAsync(
        [Description("The policy's code.")] string code, PolicyVersionRequest body, ClaimsPrincipal user, PolicyCatalogue catalogue, CancellationToken cancellationToken) =>
        Changes.Read(user, body.Reason, out var problem) is { } by
            ? Answer(await catalogue.ArchiveAsync(code, body.Version, by, cancellationToken))
            : problem!;

    /// <summary>Every version of a policy, the latest first, with who made it and why.</summary>
    internal static async Task<Results<Ok<Page<PolicyVersionDetail>>, ProblemHttpResult>> VersionsAsync(
        [Description("The policy's code.")] string code,
        PolicyDbContext db,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var page = PageRequest<VersionPosition>.Read(cursor, limit);
        if (page.Problem is { } problem)
        {
            return problem;
        }

        var before = page.After?.Version ?? int.MaxValue;
        var versions = await db.PolicyVersions.AsNoTracking()
            .Where(version => version.Version < before && db.Policies.Any(policy => policy.Id == version.PolicyId && policy.Code == code))
            .OrderByDescending(version => version.Version).Take(page.Size + 1).ToListAsync(cancellationToken);
        return versions.Count == 0 && page.After is null
            ? NoSuch(code)
            : TypedResults.Ok(Page<PolicyVersionDetail>.From([.. versions.Select(PolicyVersionDetail.From)], page.Size, version => new VersionPosition(version.Version)));
    }

    /// <summary>
    /// Gives a policy the terms of an earlier version, as a new version, and puts it into force if it was archived. 400 when these terms contradict what is in force now.
    /// </summary>
    internal static async Task<Results<Ok<PolicyDetail>, ProblemHttpResult>> RestoreAsync(
        [Description("The policy's code.")] string code,
        [Description("The version to restore.")] int number,
        PolicyVersionRequest body,
        ClaimsPrincipal user,
        PolicyCatalogue catalogue,
        CancellationToken cancellationToken) =>
        Changes.Read(user, body.Reason, out var problem) is { } by
            ? Answer(await catalogue.RestoreAsync(code, number, body.Version, by, cancellationToken))
            : problem!;

    /// <summary>Changes of policies, overrides, grants and standings, the latest first.</summary>
    internal static async Task<Results<Ok<Page<PolicyAuditDetail>>, ProblemHttpResult>> AuditAsync(
        PolicyDbContext db,
        CancellationToken cancellationToken,
        [Description("Only changes for this account.")] Guid? account = null,
        [Description("Only changes of this: a policy's code, the id of an override or a grant.")] string? target = null,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var page = PageRequest<IdPosition>.Read(cursor, limit);
        if (page.Problem is { } problem)
        {
            return problem;
        }

        var query = db.PolicyAudit.AsNoTracking();
        query = account is { } one ? query.Where(entry => entry.AccountId == one) : query;
        query = target is { } thing ? query.Where(entry => entry.Target == thing) : query;
        query = page.After is { } after ? query.Where(entry => entry.Id < after.Id) : query;
        var entries = await query.OrderByDescending(entry => entry.Id).Take(page.Size + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<PolicyAuditDetail>.From([.. entries.Select(PolicyAuditDetail.From)], page.Size, entry => new IdPosition(entry.Id)));
    }

    private static Results<Ok<PolicyDetail>, ProblemHttpResult> Answer(Outcome<LimitPolicy> outcome) =>
        outcome.IsDone ? TypedResults.Ok(PolicyDetail.From(outcome.Value)) : outcome.Problem;

    private static ProblemHttpResult NoSuch(string code) => ApiProblems.NotFound($"There is no policy '{code}'.");
}

/// <summary>A change of limits.</summary>
/// <param name="Id">The entry.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Actor">Who: the subject of the admin's token.</param>
/// <param name="Action">What was done, such as <c>policy.updated</c>.</param>
/// <param name="Target">To what: a policy's code, the id of an override or a grant, a standing.</param>
/// <param name="Account">The account that it is about.</param>
/// <param name="Reason">Why; null once it is forgotten with the person it was said of.</param>
/// <param name="Details">What it was changed to, as JSON text; null without any, or once they are forgotten.</param>
public sealed record PolicyAuditDetail(Guid Id, DateTimeOffset At, string Actor, string Action, string Target, Guid? Account, string? Reason, string? Details)
{
    internal static PolicyAuditDetail From(PolicyAuditEntry entry) =>
        new(entry.Id, entry.At, entry.Actor, entry.Action, entry.Target, entry.AccountId, entry.Reason, entry.Details);
}

internal sealed record CodePosition(string Code);

internal sealed record VersionPosition(int Version);

internal sealed record IdPosition(Guid Id);
