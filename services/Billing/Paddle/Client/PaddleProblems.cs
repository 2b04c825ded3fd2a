using System.Globalization;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Billing.Paddle.Client;

/// <summary>
/// Turns what Paddle refuses into problems that a person understands, in the caller's language. Programs branch on <c>type</c>, which is ours,
/// or on <c>code</c>, which is Paddle's. Paddle's own words are for developers and may name people: they are not passed on.
/// </summary>
public static class PaddleProblems
{
    private const string TypePrefix = "urn:botgeneric:problem:";

    private static readonly Dictionary<string, Reason> Reasons = new(StringComparer.Ordinal)
    {
        ["customer_already_exists"] = new(409, "payment-customer-exists"),
        ["subscription_locked_renewal"] = new(409, "subscription-locked"),
        ["subscription_locked_processing"] = new(409, "subscription-locked"),
        ["subscription_locked_pending_changes"] = new(409, "subscription-change-pending"),
        ["subscription_update_when_past_due"] = new(409, "subscription-past-due"),
        ["subscription_update_when_canceled"] = new(409, "subscription-canceled"),
        ["subscription_is_canceled_action_invalid"] = new(409, "subscription-canceled"),
        ["subscription_update_when_trialing"] = new(409, "subscription-in-trial"),
        ["subscription_trialing_items_update_invalid_options"] = new(409, "subscription-in-trial"),
        ["subscription_outstanding_transaction"] = new(409, "payment-outstanding"),
        ["subscription_outstanding_pending_refund"] = new(409, "refund-pending"),
        ["adjustment_pending_refund_request"] = new(409, "refund-pending"),
        ["adjustment_transaction_invalid_status_for_refund"] = new(409, "refund-not-possible"),
        ["adjustment_amount_above_remaining_allowed"] = new(422, "refund-too-large"),
        ["subscription_payment_declined"] = new(402, "payment-declined"),
        ["subscription_immediate_charge_hour_limit_exceeded"] = new(429, "subscription-too-many-changes"),
        ["subscription_immediate_charge_24_hour_limit_exceeded"] = new(429, "subscription-too-many-changes"),
        ["subscription_next_billed_at_too_soon"] = new(422, "subscription-date-too-soon"),
        ["transaction_immutable"] = new(409, "transaction-final"),
        ["transaction_invalid_status_change"] = new(409, "transaction-final"),
        ["transaction_price_different_billing_cycle"] = new(422, "prices-do-not-fit"),
        ["transaction_price_different_trial_period"] = new(422, "prices-do-not-fit"),
        ["transaction_balance_less_than_charge_limit"] = new(422, "payment-too-small"),
        ["transaction_default_checkout_url_not_set"] = new(503, "checkout-not-set-up"),
        ["transaction_checkout_url_domain_is_not_approved"] = new(503, "checkout-not-set-up"),
        ["concurrent_modification"] = new(409, "payment-changed-meanwhile"),
        ["conflict"] = new(409, "payment-changed-meanwhile"),
        ["not_found"] = new(404, "payment-not-found"),
        ["entity_not_found"] = new(404, "payment-not-found"),
        ["invalid_field"] = new(422, "payment-request-invalid"),
        ["bad_request"] = new(422, "payment-request-invalid"),
        ["authentication_missing"] = new(503, "payment-key-refused"),
        ["authentication_malformed"] = new(503, "payment-key-refused"),
        ["invalid_token"] = new(503, "payment-key-refused"),
        ["forbidden"] = new(503, "payment-key-refused"),
        // Our share of Paddle is used up, not the caller's.
        ["too_many_requests"] = new(503, "payment-provider-busy"),
    };

    private static readonly (string Prefix, Reason Reason)[] Families =
    [
        ("subscription_missing_payment_method_", new(402, "payment-method-missing")),
        ("subscription_immediate_charge_", new(429, "subscription-too-many-changes")),
        ("subscription_locked_", new(409, "subscription-locked")),
    ];

    /// <summary>The codes of Paddle that have words of their own.</summary>
    internal static IEnumerable<string> Codes => Reasons.Keys;

    /// <summary>The problem to answer with.</summary>
    /// <param name="failure">Why Paddle did not do it.</param>
    /// <param name="response">Gets <c>Retry-After</c> where waiting helps.</param>
    /// <returns>402, 404, 409, 422, 429 or 503 for what is known, 502 with Paddle's id of the request for what is not.</returns>
    public static ProblemHttpResult ToProblem(this PaddleFailure failure, HttpResponse response)
    {
        ArgumentNullException.ThrowIfNull(failure);
        ArgumentNullException.ThrowIfNull(response);
        var reason = ReasonOf(failure);
        if (failure.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        var requestId = failure.Error?.RequestId;
        var problem = ApiProblems.Problem(
            reason.Status,
            string.Format(CultureInfo.InvariantCulture, PaddleTexts.Get($"{reason.Name}.detail"), requestId ?? "—"),
            TypePrefix + reason.Name);
        problem.ProblemDetails.Title = PaddleTexts.Get($"{reason.Name}.title");
        if (failure.Error is { } error)
        {
            problem.ProblemDetails.Extensions["code"] = error.Code;
            AddFields(problem, error);
        }

        if (requestId is not null)
        {
            problem.ProblemDetails.Extensions["providerRequestId"] = requestId;
        }

        return problem;
    }

    /// <summary>Which words a failure has.</summary>
    internal static Reason ReasonOf(PaddleFailure failure) => failure.Outcome switch
    {
        PaddleOutcome.NotConfigured => new Reason(503, "payment-provider-not-configured"),
        PaddleOutcome.Unknown => new Reason(503, "payment-outcome-unknown"),
        PaddleOutcome.Unavailable => new Reason(503, "payment-provider-unavailable"),
        _ => ReasonOf(failure.Error?.Code ?? string.Empty),
    };

    private static Reason ReasonOf(string code) => Reasons.TryGetValue(code, out var reason)
        ? reason
        : Families.FirstOrDefault(family => code.StartsWith(family.Prefix, StringComparison.Ordinal)).Reason ?? new Reason(502, "payment-provider-refused");

    // Field names and limits, for whoever wrote the request: an admin who edits the catalogue.
    private static void AddFields(ProblemHttpResult problem, PaddleError error)
    {
        var fields = error.Fields
            .Where(field => field.Field is not null)
            .GroupBy(field => field.Field!, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Select(field => field.Message ?? string.Empty).ToArray(), StringComparer.Ordinal);
        if (fields.Count > 0)
        {
            problem.ProblemDetails.Extensions["errors"] = fields;
        }
    }

    /// <param name="Status">The HTTP status.</param>
    /// <param name="Name">The last part of the type, and the key of the words.</param>
    internal sealed record Reason(int Status, string Name);
}
