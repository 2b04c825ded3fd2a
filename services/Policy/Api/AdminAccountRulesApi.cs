using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Policies;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Idempotency;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Api;

/// <summary>What holds for one account, for those who run the system: overrides, grants and standings.</summary>
public static class AdminAccountRulesApi
{
    /// <summary>Maps <c>/api/admin/policies/overrides</c>, <c>/grants</c> and <c>/states</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminAccountRulesApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/policies").WithTags("Accounts").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/overrides", ListOverridesAsync).WithSummary("List overrides of limits");
        group.MapPost("/overrides", CreateOverrideAsync).WithSummary("Set another maximum for one account").WithIdempotencyKey();
        group.MapPost("/overrides/{id:guid}/revoke", RevokeOverrideAsync).WithSummary("Take an override back");
        group.MapGet("/grants", ListGrantsAsync).WithSummary("List credits");
        group.MapPost("/grants", CreateGrantAsync).WithSummary("Give a credit").WithIdempotencyKey();
        group.MapPost("/grants/{id:guid}/revoke", RevokeGrantAsync).WithSummary("Take back what is left of a credit");
        group.MapGet("/states", ListStatesAsync).WithSummary("List standings");

        var dangerous = group.MapGroup("/states").RequireAuthorization(ApiPolicies.StepUp);
        dangerous.MapPut("/{account:guid}", SetStateAsync).WithSummary("Ban an account, or give it another standing");
        dangerous.MapPost("/{account:guid}/lift", LiftStateAsync).WithSummary("Lift a standing");
    }

    /// <summary>Overrides, the latest first.</summary>
    internal static async Task<Results<Ok<Page<OverrideDetail>>, ProblemHttpResult>> ListOverridesAsync(
        PolicyDbContext db,
        CancellationToken cancellationToken,
        [Description("Only those of this account.")] Guid? account = null,
        [Description("Those too that were taken back.")] bool revoked = false,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var page = PageRequest<IdPosition>.Read(cursor, limit);
        if (page.Problem is { } problem)
        {
            return problem;
        }

        var query = db.LimitOverrides.AsNoTracking().Where(row => revoked || row.RevokedAt == null);
        query = account is { } one ? query.Where(row => row.AccountId == one) : query;
        query = page.After is { } after ? query.Where(row => row.Id < after.Id) : query;
        var rows = await query.OrderByDescending(row => row.Id).Take(page.Size + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<OverrideDetail>.From([.. rows.Select(OverrideDetail.From)], page.Size, row => new IdPosition(row.Id)));
    }

    /// <summary>
    /// Sets another maximum for one account, or for one person or key in it. Of two that hold at the same time the more particular counts, then the later one: a raise for a
    /// week can stand on top of one for good.
    /// </summary>
    internal static async Task<Results<Created<OverrideDetail>, ProblemHttpResult>> CreateOverrideAsync(
        CreateOverrideRequest body, ClaimsPrincipal user, AccountRuleBook rules, CancellationToken cancellationToken)
    {
        if (Changes.Read(user, body.Reason, out var problem) is not { } by)
        {
            return problem!;
        }

        var outcome = await rules.OverrideAsync(body, by, cancellationToken);
        return outcome.IsDone
            ? TypedResults.Created($"/api/admin/policies/overrides?account={outcome.Value.AccountId}", OverrideDetail.From(outcome.Value))
            : outcome.Problem;
    }

    /// <summary>Takes an override back: the limit holds again as it stands. Safe to repeat.</summary>
    internal static async Task<Results<Ok<OverrideDetail>, ProblemHttpResult>> RevokeOverrideAsync(
        [Description("The override.")] Guid id, ReasonRequest body, ClaimsPrincipal user, AccountRuleBook rules, CancellationToken cancellationToken)
    {
        if (Changes.Read(user, body.Reason, out var problem) is not { } by)
        {
            return problem!;
        }

        var outcome = await rules.RevokeOverrideAsync(id, by, cancellationToken);
        return outcome.IsDone ? TypedResults.Ok(OverrideDetail.From(outcome.Value)) : outcome.Problem;
    }

    /// <summary>Credits, the latest first.</summary>
    internal static async Task<Results<Ok<Page<GrantDetail>>, ProblemHttpResult>> ListGrantsAsync(
        PolicyDbContext db,
        CancellationToken cancellationToken,
        [Description("Only those of this account.")] Guid? account = null,
        [Description("Those too that were taken back.")] bool revoked = false,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var page = PageRequest<IdPosition>.Read(cursor, limit);
        if (page.Problem is { } problem)
        {
            return problem;
        }

        var query = db.Grants.AsNoTracking().Where(row => revoked || row.RevokedAt == null);
        query = account is { } one ? query.Where(row => row.AccountId == one) : query;
        query = page.After is { } after ? query.Where(row => row.Id < after.Id) : query;
        var rows = await query.OrderByDescending(row => row.Id).Take(page.Size + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<GrantDetail>.From([.. rows.Select(GrantDetail.From)], page.Size, row => new IdPosition(row.Id)));
    }

    /// <summary>
    /// Gives an account a one-off credit. It extends the quotas or budgets of the whole account in its unit once they are used up; credits are used by priority, then the one
    /// that ends first, then the oldest. 409 when the account has a grant of the same source.
    /// </summary>
    internal static async Task<Results<Created<GrantDetail>, ProblemHttpResult>> CreateGrantAsync(
        CreateGrantRequest body, ClaimsPrincipal user, AccountRuleBook rules, CancellationToken cancellationToken)
    {
        if (Changes.Read(user, body.Reason, out var problem) is not { } by)
        {
            return problem!;
        }

        var outcome = await rules.GrantAsync(body, by, cancellationToken);
        return outcome.IsDone
            ? TypedResults.Created($"/api/admin/policies/grants?account={outcome.Value.AccountId}", GrantDetail.From(outcome.Value))
            : outcome.Problem;
    }

    /// <summary>Takes back what is left of a credit. What was used of it stays used. Safe to repeat.</summary>
    internal static async Task<Results<Ok<GrantDetail>, ProblemHttpResult>> RevokeGrantAsync(
        [Description("The grant.")] Guid id, ReasonRequest body, ClaimsPrincipal user, AccountRuleBook rules, CancellationToken cancellationToken)
    {
        if (Changes.Read(user, body.Reason, out var problem) is not { } by)
        {
            return problem!;
        }

        var outcome = await rules.RevokeGrantAsync(id, by, cancellationToken);
        return outcome.IsDone ? TypedResults.Ok(GrantDetail.From(outcome.Value)) : outcome.Problem;
    }

    /// <summary>Standings other than everybody's that were set, by account. That a payment is missing for too long follows from the subscription and is not listed.</summary>
    internal static async Task<Results<Ok<Page<StateDetail>>, ProblemHttpResult>> ListStatesAsync(
        PolicyDbContext db,
        CancellationToken cancellationToken,
        [Description("Only those of this account or person.")] Guid? account = null,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var page = PageRequest<IdPosition>.Read(cursor, limit);
        if (page.Problem is { } problem)
        {
            return problem;
        }

        var query = db.AccountStates.AsNoTracking();
        query = account is { } one ? query.Where(row => row.AccountId == one) : query;
        query = page.After is { } after ? query.Where(row => row.AccountId > after.Id) : query;
        // An account has at most three: a page may have two more than asked for, and ends with a whole account.
        var rows = await query.OrderBy(row => row.AccountId).ThenBy(row => row.Standing).Take(page.Size + 3).ToListAsync(cancellationToken);
        var last = rows.Count > page.Size ? rows[page.Size - 1].AccountId : (Guid?)null;
        var shown = last is { } end ? rows.FindLastIndex(row => row.AccountId == end) + 1 : rows.Count;
        return TypedResults.Ok(new Page<StateDetail>(
            [.. rows.Take(shown).Select(StateDetail.From)], shown < rows.Count ? Cursor.Encode(new IdPosition(rows[shown - 1].AccountId)) : null));
    }

    /// <summary>
    /// Gives an account or a person a standing that refuses every call: of an organization everybody's in its name, of a person the person's wherever. Repeating it changes the
    /// reason and the end.
    /// </summary>
    internal static async Task<Results<Ok<StateDetail>, ProblemHttpResult>> SetStateAsync(
        [Description("The account or the person.")] Guid account, SetStateRequest body, ClaimsPrincipal user, AccountRuleBook rules, CancellationToken cancellationToken)
    {
        if (Changes.Read(user, body.Reason, out var problem) is not { } by)
        {
            return problem!;
        }

        var outcome = await rules.SetStandingAsync(account, body.Standing, body.Until, by, cancellationToken);
        return outcome.IsDone ? TypedResults.Ok(StateDetail.From(outcome.Value)) : outcome.Problem;
    }

    /// <summary>
    /// Lifts a standing. An account may have several at once, so <c>standing</c> says which one: it is required, as the reason is. 404 when the account has no such standing, 409 for a person who was deleted.
    /// </summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> LiftStateAsync(
        [Description("The account or the person.")] Guid account, LiftStateRequest body, ClaimsPrincipal user, AccountRuleBook rules, CancellationToken cancellationToken)
    {
        if (Changes.Read(user, body.Reason, out var problem) is not { } by)
        {
            return problem!;
        }

        var outcome = await rules.LiftStandingAsync(account, body.Standing, by, cancellationToken);
        return outcome.IsDone ? TypedResults.NoContent() : outcome.Problem;
    }
}
