using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Domain;
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
    /// <param name="terms">The plan's terms.</param>
    /// <param name="catalogue">The plans.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    internal static async Task<Results<Ok<PlanSummary>, ProblemHttpResult>> PutAsync(
        string code, PlanTerms terms, PlanCatalogue catalogue, CancellationToken cancellationToken)
    {
        var errors = PlanCatalogue.Validate(code, terms);
        if (errors.Count > 0)
        {
            return ApiProblems.Invalid(errors);
        }

        if (await catalogue.FindPriceOfAnotherPlanAsync(code, terms, cancellationToken) is { } taken)
        {
            return ApiProblems.Conflict($"The price {taken.PaddlePriceId} sells the plan '{taken.PlanCode}'. Remove it there first.");
        }

        try
        {
            var plan = await catalogue.PutAsync(code, terms, cancellationToken);
            return TypedResults.Ok(new PlanSummary(plan.Code, plan.Name, plan.Version, plan.Entitlements));
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return ApiProblems.Conflict("Somebody else created this plan, or gave one of its prices to another, at the same moment. Read the plans again.");
        }
    }
}
