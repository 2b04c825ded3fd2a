using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Subscriptions;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Billing.Api;

/// <summary>Plans that are given, and payers that are linked.</summary>
public static class AdminGrantsApi
{
    /// <summary>Maps <c>/api/admin/subscriptions/grants</c>, <c>DELETE /api/admin/subscriptions/{id}</c> and <c>/api/admin/paddle/customers/{id}/link</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminGrantsApi(this IEndpointRouteBuilder app)
    {
        var subscriptions = app.MapGroup("/api/admin/subscriptions").WithTags("Subscriptions").RequireAuthorization(ApiPolicies.StepUp);
        subscriptions.MapPost("/grants", GiveAsync).WithSummary("Give an account a plan without payment").WithIdempotencyKey();
        subscriptions.MapDelete("/{id:guid}", EndAsync).WithSummary("End a gift");
        app.MapGroup("/api/admin/paddle/customers").WithTags("Paddle").RequireAuthorization(ApiPolicies.StepUp)
            .MapPost("/{id}/link", LinkAsync).WithSummary("Say whose a payer is");
    }

    /// <summary>
    /// Gives an account a plan for which nothing is paid, at once and until its end. Beside a paid subscription to the same product it entitles as well and is no
    /// primary one. It uses up no trial. Send an <c>Idempotency-Key</c>: the same key gives once. 404 when there is no such plan, 409 when the account has it as a gift or was a person's
    /// who was erased. Billing does not know who has registered: an id of nobody is taken too, and <c>isAccountKnown</c> is false for it, as for everybody who has not bought yet.
    /// </summary>
    internal static async Task<Results<Created<AdminSubscription>, ProblemHttpResult>> GiveAsync(
        GrantRequest body, SubscriptionGrants grants, TimeProvider timeProvider, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var errors = body.Validate(timeProvider.GetUtcNow());
        if (errors.Count > 0)
        {
            return ApiProblems.Invalid(errors);
        }

        var (outcome, subscription, isAccountKnown) = await grants.GiveAsync(
            body.AccountId, body.PlanCode, body.EndsAt?.ToUniversalTime(), Caller.Of(user).Subject, body.Reason, cancellationToken);
        return outcome switch
        {
            GrantOutcome.Done => TypedResults.Created($"/api/admin/subscriptions/{subscription!.Id}", AdminSubscription.From(subscription) with { IsAccountKnown = isAccountKnown }),
            GrantOutcome.Erased => ApiProblems.Conflict("The account was a person's who was erased."),
            GrantOutcome.AlreadyGiven => ApiProblems.Conflict($"The account has this plan as a gift: {subscription!.Id}. End that one first."),
            _ => ApiProblems.NotFound($"There is no plan '{body.PlanCode}'."),
        };
    }

    /// <summary>Ends a gift at once; its limits fall within moments. Safe to repeat. 409 for a subscription that is paid: that one is canceled at Paddle.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> EndAsync(
        [Description("Our id.")] Guid id,
        [Description("Why, 1 to 500 characters. Without personal data: it stays.")] string reason,
        SubscriptionGrants grants,
        ClaimsPrincipal user,
        CancellationToken cancellationToken)
    {
        if (Reasons.Refuse(reason) is { } problem)
        {
            return problem;
        }

        try
        {
            return await grants.EndAsync(id, Caller.Of(user).Subject, reason, cancellationToken) switch
            {
                GrantOutcome.Done => TypedResults.NoContent(),
                GrantOutcome.NotAGift => ApiProblems.Conflict("It is paid at Paddle. Cancel it instead."),
                _ => ApiProblems.NotFound($"There is no subscription {id}."),
            };
        }
        catch (Exception exception) when (BillingConflicts.IsConflict(exception))
        {
            return ApiProblems.Conflict("The subscription changed at the same moment. Look at it again.");
        }
    }

    /// <summary>
    /// Links a payer at Paddle to an account. Subscriptions and payments of the payer that no checkout of ours has claimed go to the account, and what waited for
    /// one is told to the others: the plan is the account's within moments. Linking again to another account corrects a mistake. 404 when nothing was heard of the payer.
    /// </summary>
    internal static async Task<Results<Ok<LinkedCustomer>, ProblemHttpResult>> LinkAsync(
        [Description("Paddle's id of the payer, ctm_…")] string id, LinkCustomerRequest body, CustomerLinks links, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (Reasons.Refuse(body.Reason) is { } problem)
        {
            return problem;
        }

        if (body.AccountId == Guid.Empty)
        {
            return ApiProblems.Invalid("accountId", "Send the id of a person or an organization.");
        }

        try
        {
            return await links.LinkAsync(id, body.AccountId, Caller.Of(user).Subject, body.Reason, cancellationToken) is { } linked
                ? TypedResults.Ok(linked)
                : ApiProblems.NotFound($"Nothing was heard of the payer {id}.");
        }
        catch (Exception exception) when (BillingConflicts.IsConflict(exception))
        {
            return ApiProblems.Conflict("Something of the payer changed at the same moment. Send it again.");
        }
    }
}

/// <summary>A plan to give.</summary>
/// <param name="AccountId">To whom: a person or an organization.</param>
/// <param name="PlanCode">Which plan; also one that is not on sale.</param>
/// <param name="Reason">Why, 1 to 500 characters. Without personal data: it stays.</param>
/// <param name="EndsAt">Until when, UTC, later than now; left out: until an admin ends it.</param>
public sealed record GrantRequest(Guid AccountId, string PlanCode, string Reason, DateTimeOffset? EndsAt = null)
{
    internal Dictionary<string, string[]> Validate(DateTimeOffset now)
    {
        var errors = new Dictionary<string, string[]>();
        if (AccountId == Guid.Empty)
        {
            errors["accountId"] = ["Send the id of a person or an organization."];
        }

        if (string.IsNullOrEmpty(PlanCode))
        {
            errors["planCode"] = ["Name a plan."];
        }

        if (Reasons.Check(Reason) is { } error)
        {
            errors["reason"] = [error];
        }

        if (EndsAt <= now)
        {
            errors["endsAt"] = ["Send a time in the future, or leave it out."];
        }

        return errors;
    }
}

/// <summary>Whose a payer is.</summary>
/// <param name="AccountId">A person or an organization.</param>
/// <param name="Reason">How that is known, 1 to 500 characters. Without personal data: it stays.</param>
public sealed record LinkCustomerRequest(Guid AccountId, string Reason);

/// <summary>A payer that is linked.</summary>
/// <param name="Customer">The payer.</param>
/// <param name="Subscriptions">The payer's subscriptions, as they are now.</param>
public sealed record LinkedCustomer(AdminCustomer Customer, IReadOnlyList<AdminSubscription> Subscriptions);
