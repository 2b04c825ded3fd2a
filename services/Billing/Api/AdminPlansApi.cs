using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Data;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Billing.Api;

/// <summary>What can be subscribed to, for those who decide it.</summary>
public static class AdminPlansApi
{
    private const string ChangedMeanwhile = "Somebody else changed this plan, or gave one of its prices to another, at the same moment. Read the plans again.";

    /// <summary>Maps <c>/api/admin/plans</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminPlansApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/plans").WithTags("Plans").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/", ListAsync).WithSummary("List every plan with its prices and subscribers");
        group.MapGet("/{code}", GetAsync).WithSummary("Show a plan");
        group.MapPut("/{code}", PutAsync).WithSummary("Create a plan or change its terms");
        group.MapGet("/{code}/versions", VersionsAsync).WithSummary("List what a plan promised at each version");

        var dangerous = group.MapGroup(string.Empty).RequireAuthorization(ApiPolicies.StepUp);
        dangerous.MapPost("/{code}/archive", ArchiveAsync).WithSummary("Take a plan out of sale");
        dangerous.MapPost("/{code}/move-subscribers", MoveSubscribersAsync).WithSummary("Move subscribers to the present terms");
    }

    /// <summary>Every plan, also those that nobody sees or can buy, in their order.</summary>
    internal static async Task<Results<Ok<Page<AdminPlan>>, ProblemHttpResult>> ListAsync(
        PlanReader plans,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<PlanPosition>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var rows = await plans.ListAsync(request.After, request.Size + 1, cancellationToken);
        return TypedResults.Ok(Page<AdminPlan>.From(rows, request.Size, row => new PlanPosition(row.SortOrder, row.Code)));
    }

    /// <summary>One plan.</summary>
    /// <param name="code">The plan's stable name.</param>
    /// <param name="plans">The plans.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    internal static async Task<Results<Ok<AdminPlan>, ProblemHttpResult>> GetAsync(string code, PlanReader plans, CancellationToken cancellationToken) =>
        await plans.FindAsync(code, cancellationToken) is { } plan ? TypedResults.Ok(plan) : Missing(code);

    /// <summary>
    /// Creates the plan or makes its next version. Repeating the same terms changes nothing. Subscribers keep the version they bought.
    /// 409 when one of Paddle's prices cannot be taken, because it sells another plan, is out of sale here or has another amount here, and when the plan is to belong to another product: that would
    /// be another plan. The text says which and what to do.
    /// </summary>
    /// <param name="code">The plan's stable name: 1 to 50 lower-case letters, digits and dashes.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="catalogue">The plans.</param>
    /// <param name="plans">Reads the plan.</param>
    /// <param name="currencies">Knows how many decimals amounts have.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    internal static async Task<Results<Ok<AdminPlan>, ProblemHttpResult>> PutAsync(
        string code,
        PlanDocument plan,
        PlanCatalogue catalogue,
        PlanReader plans,
        Currencies currencies,
        ClaimsPrincipal user,
        CancellationToken cancellationToken)
    {
        var errors = plan.Validate(code, currencies.Table);
        if (errors.Count > 0)
        {
            return ApiProblems.Invalid(errors);
        }

        // Who has the plan would have it of another product, of which the account may have one already.
        if (await plans.FindAsync(code, cancellationToken) is { } present && present.Product != plan.Product)
        {
            return ApiProblems.Conflict($"The plan belongs to the product '{present.Product}'. Make another plan for '{plan.Product}'.");
        }

        if (await catalogue.FindObstacleAsync(code, plan, cancellationToken) is { } obstacle)
        {
            return ApiProblems.Conflict(obstacle);
        }

        try
        {
            await catalogue.PutAsync(code, plan, Caller.Of(user).Subject, cancellationToken);
        }
        catch (Exception exception) when (BillingConflicts.IsConflict(exception))
        {
            return ApiProblems.Conflict(ChangedMeanwhile);
        }

        return TypedResults.Ok((await plans.FindAsync(code, cancellationToken))!);
    }

    /// <summary>The versions of a plan, latest first, and how many hold each of them.</summary>
    internal static async Task<Results<Ok<Page<AdminPlanVersion>>, ProblemHttpResult>> VersionsAsync(
        [Description("The plan's stable name.")] string code,
        PlanReader plans,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<VersionPosition>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var rows = await plans.VersionsAsync(code, request.After?.Version, request.Size + 1, cancellationToken);
        return rows.Count == 0 && request.After is null
            ? Missing(code)
            : TypedResults.Ok(Page<AdminPlanVersion>.From(rows, request.Size, row => new VersionPosition(row.Version)));
    }

    /// <summary>
    /// Nobody can buy the plan any more; who has it keeps it, and renews. At Paddle its product and prices are archived by the next push. Safe to repeat; a
    /// PUT with another visibility puts it back on sale.
    /// </summary>
    internal static async Task<Results<Ok<AdminPlan>, ProblemHttpResult>> ArchiveAsync(
        [Description("The plan's stable name.")] string code,
        ReasonRequest body,
        PlanAdministration administration,
        PlanReader plans,
        ClaimsPrincipal user,
        CancellationToken cancellationToken)
    {
        if (Reasons.Refuse(body.Reason) is { } problem)
        {
            return problem;
        }

        try
        {
            return await administration.ArchiveAsync(code, Caller.Of(user).Subject, body.Reason, cancellationToken)
                ? TypedResults.Ok((await plans.FindAsync(code, cancellationToken))!)
                : Missing(code);
        }
        catch (Exception exception) when (BillingConflicts.IsConflict(exception))
        {
            return ApiProblems.Conflict(ChangedMeanwhile);
        }
    }

    /// <summary>
    /// Gives subscribers the present terms of their plan: its entitlements from now on. What they pay stays as it is, at Paddle and here. With <c>dryRun</c> it
    /// only says how many it would be. Safe to repeat, also after it was interrupted, and after 409, which says that others kept changing the same subscriptions.
    /// </summary>
    internal static async Task<Results<Ok<MovedSubscribers>, ProblemHttpResult>> MoveSubscribersAsync(
        [Description("The plan's stable name.")] string code,
        MoveSubscribersRequest body,
        PlanAdministration administration,
        ClaimsPrincipal user,
        CancellationToken cancellationToken)
    {
        if (Reasons.Refuse(body.Reason) is { } problem)
        {
            return problem;
        }

        try
        {
            return await administration.MoveSubscribersAsync(code, body, Caller.Of(user).Subject, cancellationToken) is { } moved
                ? TypedResults.Ok(moved)
                : Missing(code);
        }
        catch (Exception exception) when (BillingConflicts.IsConflict(exception))
        {
            return ApiProblems.Conflict("Others kept changing the same subscriptions. Send it again: who was moved stays moved.");
        }
    }

    private static ProblemHttpResult Missing(string code) => ApiProblems.NotFound($"There is no plan '{code}'.");

    private sealed record VersionPosition(int Version);
}
