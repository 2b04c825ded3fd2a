using System.ComponentModel;
using System.Text.Json;
using System.Text.Unicode;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Ingest;
using BotGeneric.Usage.Prices;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Usage.Api;

/// <summary>Takes price lists over.</summary>
public static class PriceImportApi
{
    private const int MaximumBodyBytes = 8 * 1024 * 1024;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Maps <c>POST /api/admin/prices/import</c>.</summary>
    /// <param name="group">The group of prices.</param>
    internal static void MapPriceImportApi(this RouteGroupBuilder group) => group.MapPost("/import", ImportAsync)
        .WithMetadata(new RequestSizeLimitAttribute(MaximumBodyBytes))
        .Accepts<JsonElement>("application/json")
        .WithSummary("Import LiteLLM's price list");

    /// <summary>
    /// Takes over the prices of tokens of a list in the format of LiteLLM's <c>model_prices_and_context_window.json</c>, in US dollars, and says of each model what became of it.
    /// A model whose price has not changed keeps it; the others' prices end when the new ones begin. All or nothing; with <c>dryRun</c> nothing. Members that are not
    /// prices of tokens are passed over.
    /// </summary>
    internal static async Task<Results<Ok<PriceImportResult>, ProblemHttpResult>> ImportAsync(
        HttpRequest request,
        PriceImport import,
        TimeProvider timeProvider,
        CancellationToken cancellationToken,
        [Description("Only say what would become of each model.")] bool dryRun = false,
        [Description("When the new prices begin, RFC 3339; now by default.")] DateTimeOffset? effectiveFrom = null,
        [Description("Only these providers, separated by commas, as the list's litellm_provider has them; all by default.")] string? providers = null,
        [Description("Where the list is from, for the record.")] string? source = null)
    {
        source ??= "LiteLLM, model_prices_and_context_window.json";
        if (source.Length is 0 or > ModelPrice.MaximumSourceLength)
        {
            return ApiProblems.Invalid("source", $"Send 1 to {ModelPrice.MaximumSourceLength} characters.");
        }

        using var body = await RequestBody.ReadAsync(request, MaximumBodyBytes, cancellationToken);
        if (body is null)
        {
            return ApiProblems.Problem(StatusCodes.Status413PayloadTooLarge, $"A list has at most {MaximumBodyBytes} bytes. Import it in parts. Nothing was imported.");
        }

        if (Parse(body) is not { } list)
        {
            return ApiProblems.Invalid("$", "The body is not JSON in UTF-8.");
        }

        using (list)
        {
            if (list.RootElement.ValueKind != JsonValueKind.Object)
            {
                return ApiProblems.Invalid("$", "Send an object with a member for each model.");
            }

            var only = providers?.ToLowerInvariant().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
            var from = PriceCatalogue.ToMicroseconds((effectiveFrom ?? timeProvider.GetUtcNow()).ToUniversalTime());
            return await import.RunAsync(list.RootElement, only, from, source, dryRun, cancellationToken) is { } models
                ? TypedResults.Ok(PriceImportResult.Of(dryRun, from, models))
                : ApiProblems.Conflict("Somebody else changed prices at the same moment. Nothing was imported; try again.");
        }
    }

    private static JsonDocument? Parse(RequestBody body)
    {
        // The parser looks at the text of a name or a value only when it is asked for it, and throws then.
        if (!Utf8.IsValid(body.Bytes))
        {
            return null;
        }

        try
        {
            return JsonDocument.Parse(body.Bytes.StartsWith(ByteOrderMark) ? body.Memory[ByteOrderMark.Length..] : body.Memory);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What became of a list.</summary>
/// <param name="DryRun">Whether nothing was changed.</param>
/// <param name="EffectiveFrom">When the new prices begin, UTC.</param>
/// <param name="Created">Models that had no price.</param>
/// <param name="Replaced">Models whose price changes.</param>
/// <param name="Unchanged">Models whose price stays.</param>
/// <param name="Skipped">Models that are not billed by tokens, or not asked for.</param>
/// <param name="Invalid">Models that could not be imported.</param>
/// <param name="Models">Each model, in the list's order.</param>
public sealed record PriceImportResult(
    bool DryRun, DateTimeOffset EffectiveFrom, int Created, int Replaced, int Unchanged, int Skipped, int Invalid, IReadOnlyList<ImportedModel> Models)
{
    internal static PriceImportResult Of(bool dryRun, DateTimeOffset from, IReadOnlyList<ImportedModel> models)
    {
        return new PriceImportResult(
            dryRun, from, Count(ImportOutcome.Created), Count(ImportOutcome.Replaced), Count(ImportOutcome.Unchanged), Count(ImportOutcome.Skipped), Count(ImportOutcome.Invalid), models);

        int Count(ImportOutcome outcome) => models.Count(model => model.Outcome == outcome);
    }
}
