using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.Usage.Corrections;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Meters;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Usage.Api;

/// <summary>What the ledger says wrongly, for those who put it right.</summary>
public static class AdminCorrectionsApi
{
    /// <summary>Maps <c>POST /api/admin/usage/corrections</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminCorrectionsApi(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/admin/usage/corrections", CorrectAsync)
            .RequireAuthorization(ApiPolicies.StepUp)
            .WithIdempotencyKey()
            .WithTags("Usage")
            .WithSummary("Correct an entry of the ledger");

    /// <summary>
    /// Adds a row that says by how much an entry was wrong; the entry itself stays as it is. Differences may be negative, but an entry and its corrections together may not. Limits,
    /// sums and trends follow. A call of a model is corrected by requests, tokens and cost, an event of the operator's meters by <c>meters</c>. Send an <c>Idempotency-Key</c>: the same key
    /// corrects once. 404 when there is no such entry, 422 when the sum would be negative, the entry is itself a correction, or it has nothing of what is corrected.
    /// </summary>
    internal static async Task<Results<Created<CorrectedEntry>, ProblemHttpResult>> CorrectAsync(
        NewCorrection body,
        LedgerCorrections corrections,
        HttpRequest request,
        CancellationToken cancellationToken)
    {
        var errors = body.Validate();
        if (errors.Count > 0)
        {
            return ApiProblems.Invalid(errors);
        }

        var caller = Caller.Of(request.HttpContext.User);
        var key = request.Headers["Idempotency-Key"].ToString();
        var outcome = await corrections.CorrectAsync(body, caller.Subject, key.Length == 0 ? null : key, cancellationToken);
        return outcome switch
        {
            CorrectionOutcome.Corrected(var entry) => TypedResults.Created($"/api/usage/history?account={entry.AccountId}", CorrectedEntry.Of(entry)),
            CorrectionOutcome.Refused(var reason) => ApiProblems.Problem(StatusCodes.Status422UnprocessableEntity, reason),
            _ => ApiProblems.NotFound("There is no such entry in the ledger."),
        };
    }
}

/// <summary>By how much an entry was wrong. What is left out was right.</summary>
/// <param name="EntryId">The ledger's id of the entry.</param>
/// <param name="Reason">Why, for whoever reads it later, 1 to 500 characters. Without personal data: it stays.</param>
/// <param name="Requests">Difference of requests; -1 takes the call back.</param>
/// <param name="InputTokens">Difference of tokens of fresh input.</param>
/// <param name="CachedInputTokens">Difference of tokens of input from the provider's cache.</param>
/// <param name="CacheWriteTokens">Difference of tokens of input written to the provider's cache.</param>
/// <param name="OutputTokens">Difference of tokens of visible output.</param>
/// <param name="ReasoningTokens">Difference of tokens of reasoning.</param>
/// <param name="Cost">Difference of the cost, in the entry's currency. It does not follow from the tokens: say it. The first cost of a call without a price counts as its price.</param>
/// <param name="Meters">
/// Of an event that meters measured: the difference of each meter that adds up or counts, as a decimal text by the meter's code. Null takes all that the event added back, and is the only
/// correction of a meter of the largest, the latest or the different values.
/// </param>
public sealed record NewCorrection(
    Guid EntryId,
    string Reason,
    long Requests = 0,
    long InputTokens = 0,
    long CachedInputTokens = 0,
    long CacheWriteTokens = 0,
    long OutputTokens = 0,
    long ReasoningTokens = 0,
    CostDifference? Cost = null,
    IReadOnlyDictionary<string, string?>? Meters = null)
{
    private const int MaximumMeters = 50;

    internal bool HasCallDifferences => Requests != 0 || InputTokens != 0 || CachedInputTokens != 0 || CacheWriteTokens != 0 || OutputTokens != 0 || ReasoningTokens != 0 || Cost is not null;

    internal Dictionary<string, string[]> Validate()
    {
        var errors = new Dictionary<string, string[]>();
        if (string.IsNullOrWhiteSpace(Reason) || Reason.Length > CloudEventLimits.MaximumReasonLength || Reason.Contains('\0'))
        {
            errors["reason"] = [$"Say why, in 1 to {CloudEventLimits.MaximumReasonLength} characters."];
        }

        (string Name, long Value)[] quantities =
        [
            ("requests", Requests), ("inputTokens", InputTokens), ("cachedInputTokens", CachedInputTokens), ("cacheWriteTokens", CacheWriteTokens),
            ("outputTokens", OutputTokens), ("reasoningTokens", ReasoningTokens),
        ];
        foreach (var (name, value) in quantities)
        {
            if (value is < -CloudEventLimits.MaximumTokens or > CloudEventLimits.MaximumTokens)
            {
                errors[name] = [$"Send a difference from {-CloudEventLimits.MaximumTokens} to {CloudEventLimits.MaximumTokens}."];
            }
        }

        if (Cost is { } cost && !cost.IsValid)
        {
            errors["cost"] = ["Send the amount as text, with at most 12 digits after the point and 15 before it, and the currency by its ISO 4217 code, such as USD."];
        }
        else if (!HasCallDifferences && Meters is not { Count: > 0 })
        {
            errors["$"] = ["Send at least one difference."];
        }

        if (Meters is { } meters && (meters.Count > MaximumMeters || !meters.All(meter => meter.Value is null || MeterValue.IsDifference(meter.Value))))
        {
            errors["meters"] =
                [$"Send at most {MaximumMeters} differences as text, each with at most {MeterValue.MaximumScale} digits after the point and not beyond {MeterValue.Largest}, or null to take the event back."];
        }

        return errors;
    }
}
