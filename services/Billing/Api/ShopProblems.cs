using System.Globalization;
using System.Text.Json;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Billing.Subscriptions;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Billing.Api;

/// <summary>Why something cannot be bought or changed, in the caller's language. Programs branch on <c>code</c>.</summary>
internal static class ShopProblems
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan UntilPushed = TimeSpan.FromMinutes(5);

    internal static ProblemHttpResult NoSubscription() => ApiProblems.NotFound(ShopTexts.Text("subscription.none"));

    internal static ProblemHttpResult Of(SubscriptionRefusal reason) => Conflict(Name(reason), $"refusal.{Name(reason)}");

    internal static ProblemHttpResult Of(PlanChangeObstacle obstacle, HttpResponse response) => obstacle switch
    {
        PlanChangeObstacle.UnknownPlan => UnknownPlan(),
        PlanChangeObstacle.NotPushed => NotPushed(response),
        PlanChangeObstacle.NotSold => NotSold(),
        _ => Conflict(Name(obstacle), $"change.{Name(obstacle)}"),
    };

    internal static ProblemHttpResult Of(CheckoutResult result, HttpResponse response) => result switch
    {
        CheckoutResult.UnknownPlan => UnknownPlan(),
        CheckoutResult.NotSold => NotSold(),
        CheckoutResult.NotPushed => NotPushed(response),
        CheckoutResult.AlreadySubscribed => Conflict("alreadySubscribed", "checkout.alreadySubscribed"),
        CheckoutResult.AlreadyPaid => Conflict("alreadyPaid", "checkout.alreadyPaid"),
        CheckoutResult.BeingPrepared => Later(response, Moment, Conflict("beingPrepared", "checkout.beingPrepared")),
        CheckoutResult.Failed(var failure) => failure.ToProblem(response),
        _ => throw new ArgumentOutOfRangeException(nameof(result)),
    };

    internal static ProblemHttpResult Conflict(string code, string text) => WithCode(code, ApiProblems.Conflict(ShopTexts.Text(text)));

    private static ProblemHttpResult UnknownPlan() => ApiProblems.Invalid("planCode", ShopTexts.Text("plan.unknown"));

    private static ProblemHttpResult NotSold() => ApiProblems.Invalid("interval", ShopTexts.Text("plan.notSold"));

    private static ProblemHttpResult NotPushed(HttpResponse response) =>
        Later(response, UntilPushed, WithCode("notPushed", ApiProblems.Problem(StatusCodes.Status503ServiceUnavailable, ShopTexts.Text("plan.notPushed"))));

    private static ProblemHttpResult Later(HttpResponse response, TimeSpan wait, ProblemHttpResult problem)
    {
        response.Headers.RetryAfter = wait.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        return problem;
    }

    private static ProblemHttpResult WithCode(string code, ProblemHttpResult problem)
    {
        problem.ProblemDetails.Extensions["code"] = code;
        return problem;
    }

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
