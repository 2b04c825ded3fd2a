using System.ComponentModel;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Prices;
using BotGeneric.Usage.Queries;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Usage.Api;

/// <summary>What calls of models cost, for those who decide it.</summary>
public static class PricesApi
{
    /// <summary>Maps <c>/api/admin/prices</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapPricesApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/prices").WithTags("Prices").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/", ListAsync).WithSummary("List prices");
        group.MapPost("/", AddAsync).WithSummary("Add a price").WithIdempotencyKey();
        group.MapPost("/{id:guid}/end", EndAsync).WithSummary("End a price");
        group.MapGet("/export", Export).WithSummary("Export prices");
        group.MapGet("/unpriced", UnpricedAsync).WithSummary("List models without a price");
        group.MapPost("/reprice", RepriceAsync).WithSummary("Price calls that had no price");
        group.MapPriceImportApi();
    }

    /// <summary>Prices by provider, model and beginning.</summary>
    internal static async Task<Results<Ok<Page<PriceItem>>, ProblemHttpResult>> ListAsync(
        UsageDbContext db,
        [AsParameters] PriceQuery query,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var prices = query.Apply(db.ModelPrices.AsNoTracking());
        if (request.After is { } after)
        {
            var from = after.EffectiveFrom.ToUniversalTime();
            prices = prices.Where(price => EF.Functions.GreaterThan(
                ValueTuple.Create(price.Provider, price.Model, price.EffectiveFrom), ValueTuple.Create(after.Provider, after.Model, from)));
        }

        var rows = await Ordered(prices).Take(request.Size + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<PriceItem>.From(
            [.. rows.Select(PriceItem.From)], request.Size, row => new Position(row.Provider, row.Model, row.EffectiveFrom)));
    }

    /// <summary>
    /// Adds a price of a model from a moment on. A price without an end that holds at that moment ends there. What was recorded before keeps its cost; what had none gets
    /// one by <c>POST /api/admin/prices/reprice</c>. 409 when the price would overlap another one that has an end or begins later.
    /// </summary>
    internal static async Task<Results<Created<PriceItem>, ProblemHttpResult>> AddAsync(
        NewPrice price, PriceCatalogue catalogue, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        if (price.Read(timeProvider.GetUtcNow(), out var errors) is not { } terms)
        {
            return ApiProblems.Invalid(errors);
        }

        return await catalogue.AddAsync(terms, cancellationToken) is { } added
            ? TypedResults.Created($"/api/admin/prices/{added.Id}", PriceItem.From(added))
            : ApiProblems.Conflict("The model has a price in that time that has an end or begins later. List its prices, and choose a time between them.");
    }

    /// <summary>Ends a price. Repeating it changes nothing. 409 when it ended at another time, or would end before it begins.</summary>
    /// <param name="id">The price.</param>
    /// <param name="end">When.</param>
    /// <param name="catalogue">The prices.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal static async Task<Results<Ok<PriceItem>, ProblemHttpResult>> EndAsync(
        Guid id, PriceEnd end, PriceCatalogue catalogue, CancellationToken cancellationToken) =>
        await catalogue.EndAsync(id, end.At, cancellationToken) switch
        {
            (null, _) => ApiProblems.NotFound($"There is no price {id}."),
            ({ } price, true) => TypedResults.Ok(PriceItem.From(price)),
            ({ } price, false) => ApiProblems.Conflict($"It holds from {price.EffectiveFrom:O}{(price.EffectiveTo is { } to ? $" and ends at {to:O}" : string.Empty)}; it cannot end then."),
        };

    /// <summary>All prices that match, as CSV with a line for each tier, or as a JSON array. The format is that of <c>format</c>, else of <c>Accept</c>, else CSV.</summary>
    internal static Results<PushStreamHttpResult, ProblemHttpResult> Export(
        HttpRequest request, UsageDbContext db, [AsParameters] PriceQuery query, CancellationToken cancellationToken, [Description("csv or json.")] string? format = null)
    {
        if (!ExportFormats.TryChoose(format, request, ExportFormat.Csv, out var chosen))
        {
            return ApiProblems.Invalid("format", "Send csv or json.");
        }

        var prices = Ordered(query.Apply(db.ModelPrices.AsNoTracking())).AsAsyncEnumerable();
        return chosen == ExportFormat.Json
            ? Exports.Stream(chosen, "prices", [], Items(prices, cancellationToken), _ => [], cancellationToken)
            : Exports.Stream(chosen, "prices", PriceItem.Columns, Lines(prices, cancellationToken), line => line, cancellationToken);
    }

    /// <summary>Models that were called and have calls without a cost, the most calls first; at most 1,000.</summary>
    internal static async Task<Ok<UnpricedModelList>> UnpricedAsync(UnpricedCalls calls, CancellationToken cancellationToken) =>
        TypedResults.Ok(new UnpricedModelList(await calls.ListAsync(cancellationToken)));

    /// <summary>
    /// Gives calls that were recorded without a cost the one that the prices known now say, each by a correction in the ledger, and tells the other services, so that budgets
    /// follow. Calls that have a cost keep it. Repeating it changes nothing.
    /// </summary>
    internal static async Task<Results<Ok<RepricedCalls>, ProblemHttpResult>> RepriceAsync(
        RepriceRequest request, Repricing repricing, CancellationToken cancellationToken) =>
        request.From >= request.To
            ? ApiProblems.Invalid("to", SpanErrors.NotLater)
            : TypedResults.Ok(await repricing.RunAsync(request, cancellationToken));

    private static IOrderedQueryable<ModelPrice> Ordered(IQueryable<ModelPrice> prices) =>
        prices.OrderBy(price => price.Provider).ThenBy(price => price.Model).ThenBy(price => price.EffectiveFrom);

    private static async IAsyncEnumerable<PriceItem> Items(
        IAsyncEnumerable<ModelPrice> prices, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var price in prices.WithCancellation(cancellationToken))
        {
            yield return PriceItem.From(price);
        }
    }

    private static async IAsyncEnumerable<object?[]> Lines(
        IAsyncEnumerable<ModelPrice> prices, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var price in prices.WithCancellation(cancellationToken))
        {
            foreach (var line in PriceItem.Lines(price))
            {
                yield return line;
            }
        }
    }

    private sealed record Position(string Provider, string Model, DateTimeOffset EffectiveFrom);
}

/// <summary>Which prices are meant.</summary>
internal sealed class PriceQuery
{
    [Description("Only of this provider.")]
    public string? Provider { get; init; }

    [Description("Only of this model, exactly as the price has it.")]
    public string? Model { get; init; }

    [Description("Only those that hold at this time, RFC 3339.")]
    public DateTimeOffset? At { get; init; }

    public IQueryable<ModelPrice> Apply(IQueryable<ModelPrice> prices)
    {
        var at = At?.ToUniversalTime();
        prices = Provider is null ? prices : prices.Where(price => price.Provider == Provider);
        prices = Model is null ? prices : prices.Where(price => price.Model == Model);
        return at is null ? prices : prices.Where(price => price.EffectiveFrom <= at && (price.EffectiveTo == null || price.EffectiveTo > at));
    }
}

/// <summary>When a price ends.</summary>
/// <param name="At">The first moment at which it does not hold any more; now by default.</param>
public sealed record PriceEnd(DateTimeOffset? At = null);
