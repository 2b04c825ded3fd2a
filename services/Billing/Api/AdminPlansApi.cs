using System.Security.Claims;
using BotGeneric.Billing.Catalogue;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BotGeneric.Billing.Api;

/// <summary>What can be subscribed to, for those who decide it.</summary>
public static class AdminPlansApi
{
    /// <summary>Maps <c>/api/admin/plans</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminPlansApi(this IEndpointRouteBuilder app) =>
        app.MapGroup("/api/admin/plans")
            .WithTags("Plans")
            .RequireAuthorization(ApiPolicies.Admin)
            .MapPut("/{code}", PutAsync)
            .WithSummary("Create a plan or change its terms");

    /// <summary>
    /// Creates the plan or makes its next version. Repeating the same terms changes nothing. Subscribers keep the version they bought.
    /// 409 when one of the prices sells another plan already.
    /// </summary>
    /// <param name="code">The plan's stable name: 1 to 50 lower-case letters, digits and dashes.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="catalogue">The plans.</param>
    /// <param name="currencies">Knows how many decimals amounts have.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    internal static async Task<Results<Ok<PlanSummary>, ProblemHttpResult>> PutAsync(
        string code, PlanDocument plan, PlanCatalogue catalogue, Currencies currencies, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var errors = plan.Validate(code, currencies.Table);
        if (errors.Count > 0)
        {
            return ApiProblems.Invalid(errors);
        }

        if (await catalogue.FindPriceOfAnotherPlanAsync(code, plan, cancellationToken) is { } taken)
        {
            return ApiProblems.Conflict($"The price {taken.PaddleId} sells the plan '{taken.PlanCode}'. Remove it there first.");
        }

        try
        {
            var put = await catalogue.PutAsync(code, plan, Caller.Of(user).Subject, cancellationToken);
            return TypedResults.Ok(new PlanSummary(put.Code, put.Terms.Name.En, put.Version, put.Terms.Entitlements));
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return ApiProblems.Conflict("Somebody else created this plan, or gave one of its prices to another, at the same moment. Read the plans again.");
        }
    }
}
