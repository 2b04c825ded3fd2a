using System.ComponentModel;
using System.Security.Claims;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.Usage.Corrections;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Prices;
using BotGeneric.Usage.Queries;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Usage.Api;

/// <summary>What is in the ledger.</summary>
public static class UsageHistoryApi
{
    /// <summary>Maps <c>GET /api/usage/history</c> and its export.</summary>
    /// <param name="app">The service.</param>
    public static void MapUsageHistoryApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/usage/history").RequireScope(ApiScopes.UsageRead).WithTags("Usage");
        group.MapGet("/", ListAsync).WithSummary("List an account's usage");
        group.MapGet("/export", Export).WithSummary("Export an account's usage");
    }

    /// <summary>
    /// The entries of an account, latest call first. 400 when <c>to</c> is not later than <c>from</c>; 404 for an account that is not the caller's, unless those who run the system ask.
    /// </summary>
    internal static async Task<Results<Ok<Page<UsageHistoryItem>>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal user,
        UsageDbContext db,
        [AsParameters] HistoryQuery query,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var access = AccountAccess.Read(user, query.Account);
        if (!access.IsGranted)
        {
            return access.Problem;
        }

        if (query.Problem is { } contradiction)
        {
            return contradiction;
        }

        var entries = query.Apply(db.Ledger.AsNoTracking(), access.Account);
        if (request.After is { } after)
        {
            // A row comparison, so that the index on (account_id, time, id) finds the place at once.
            entries = entries.Where(entry => EF.Functions.LessThan(ValueTuple.Create(entry.Time, entry.Id), ValueTuple.Create(after.Time, after.Id)));
        }

        var rows = await entries
            .OrderByDescending(entry => entry.Time).ThenByDescending(entry => entry.Id)
            .Take(request.Size + 1)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<UsageHistoryItem>.From([.. rows.Select(UsageHistoryItem.From)], request.Size, row => new Position(row.Time, row.Id)));
    }

    /// <summary>
    /// All entries that match, latest call first, as CSV (a cell that a spreadsheet would take for a formula is made text) or as a JSON array; as they come from
    /// the database, whatever their number. 400 when <c>to</c> is not later than <c>from</c>. The format is that of <c>format</c>, else of <c>Accept</c>, else CSV.
    /// </summary>
    internal static Results<PushStreamHttpResult, ProblemHttpResult> Export(
        ClaimsPrincipal user,
        HttpRequest request,
        UsageDbContext db,
        [AsParameters] HistoryQuery query,
        CancellationToken cancellationToken,
        [Description("csv or json.")] string? format = null)
    {
        var access = AccountAccess.Read(user, query.Account);
        if (!access.IsGranted)
        {
            return access.Problem;
        }

        if (query.Problem is { } contradiction)
        {
            return contradiction;
        }

        if (!ExportFormats.TryChoose(format, request, ExportFormat.Csv, out var chosen))
        {
            return ApiProblems.Invalid("format", "Send csv or json.");
        }

        var entries = query.Apply(db.Ledger.AsNoTracking(), access.Account)
            .OrderByDescending(entry => entry.Time).ThenByDescending(entry => entry.Id)
            .AsAsyncEnumerable();
        return Exports.Stream(chosen, "usage", UsageHistoryItem.Columns, Items(entries, cancellationToken), item => item.Cells(), cancellationToken);
    }

    private static async IAsyncEnumerable<UsageHistoryItem> Items(
        IAsyncEnumerable<LedgerEntry> entries, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in entries.WithCancellation(cancellationToken))
        {
            yield return UsageHistoryItem.From(entry);
        }
    }

    private sealed record Position(DateTimeOffset Time, Guid Id);
}

/// <summary>Which entries are meant.</summary>
internal sealed class HistoryQuery
{
    [Description("The account; the caller's own by default.")]
    public Guid? Account { get; init; }

    [Description("Calls at or after this time, RFC 3339.")]
    public DateTimeOffset? From { get; init; }

    [Description("Calls before this time, RFC 3339; later than from.")]
    public DateTimeOffset? To { get; init; }

    [Description("Only what was for this feature.")]
    public string? Feature { get; init; }

    [Description("Only this model.")]
    public string? Model { get; init; }

    [Description("Only what came through this door, such as web or telegram.")]
    public string? Channel { get; init; }

    [Description("Only what this person caused.")]
    public Guid? User { get; init; }

    /// <summary>What contradicts itself; null when nothing does. A time without a moment in it is a mistake, and not a time without usage.</summary>
    internal ProblemHttpResult? Problem => From >= To ? ApiProblems.Invalid("to", SpanErrors.NotLater) : null;

    public IQueryable<LedgerEntry> Apply(IQueryable<LedgerEntry> ledger, Guid account)
    {
        var from = From?.ToUniversalTime();
        var to = To?.ToUniversalTime();
        var entries = ledger.Where(entry => entry.AccountId == account);
        entries = from is null ? entries : entries.Where(entry => entry.Time >= from);
        entries = to is null ? entries : entries.Where(entry => entry.Time < to);
        entries = Feature is null ? entries : entries.Where(entry => entry.Feature == Feature);
        entries = Model is null ? entries : entries.Where(entry => entry.Model == Model);
        entries = Channel is null ? entries : entries.Where(entry => entry.Channel == Channel);
        return User is null ? entries : entries.Where(entry => entry.UserId == User);
    }
}

/// <summary>One entry of the ledger: a call of a language model, an event of another meter, or a correction of either. The token pools are exclusive.</summary>
/// <param name="Id">The ledger's id.</param>
/// <param name="Type">The type of event, such as <c>llm.call.v1</c>.</param>
/// <param name="Source">Who reported it.</param>
/// <param name="SourceId">The reporter's id.</param>
/// <param name="Time">When it happened, UTC.</param>
/// <param name="RecordedAt">When the ledger accepted it, UTC.</param>
/// <param name="UserId">The person who caused it, when reported.</param>
/// <param name="ApiKeyId">The API key that it was done with, when reported.</param>
/// <param name="Feature">What it was for.</param>
/// <param name="Channel">The door it came through, when reported.</param>
/// <param name="Provider">The model's provider, when reported.</param>
/// <param name="Model">The model, when reported.</param>
/// <param name="HoldId">Policy's hold that it settled.</param>
/// <param name="Requests">Calls of a model: 1, 0 for an event of another meter, a difference in a correction.</param>
/// <param name="InputTokens">Tokens of fresh input.</param>
/// <param name="CachedInputTokens">Tokens of input from the provider's cache.</param>
/// <param name="CacheWriteTokens">Tokens of input written to the provider's cache.</param>
/// <param name="OutputTokens">Tokens of visible output.</param>
/// <param name="ReasoningTokens">Tokens of reasoning.</param>
/// <param name="Cost">The exact cost; null while no price is known, and for what is not priced.</param>
/// <param name="PriceId">The price that the cost was calculated with.</param>
/// <param name="CorrectsEntryId">The entry that this one corrects; null for what happened.</param>
/// <param name="Reason">Why it was corrected.</param>
/// <param name="MeterDifferences">Of a correction of an event that meters measured: the differences by meter, as decimal texts; null for a meter from which it was taken back.</param>
public sealed record UsageHistoryItem(
    Guid Id,
    string Type,
    string Source,
    string SourceId,
    DateTimeOffset Time,
    DateTimeOffset RecordedAt,
    Guid? UserId,
    string? ApiKeyId,
    string Feature,
    string? Channel,
    string? Provider,
    string? Model,
    Guid? HoldId,
    long Requests,
    long InputTokens,
    long CachedInputTokens,
    long CacheWriteTokens,
    long OutputTokens,
    long ReasoningTokens,
    Money? Cost,
    Guid? PriceId,
    Guid? CorrectsEntryId,
    string? Reason,
    IReadOnlyDictionary<string, string?>? MeterDifferences)
{
    internal static IReadOnlyList<string> Columns { get; } =
    [
        "id", "type", "source", "sourceId", "time", "recordedAt", "userId", "apiKeyId", "feature", "channel", "provider", "model", "holdId", "requests",
        "inputTokens", "cachedInputTokens", "cacheWriteTokens", "outputTokens", "reasoningTokens", "cost", "currency", "priceId", "correctsEntryId", "reason", "meterDifferences",
    ];

    internal static UsageHistoryItem From(LedgerEntry entry) => new(
        entry.Id, entry.Type, entry.Source, entry.SourceId, entry.Time, entry.RecordedAt, entry.UserId, entry.ApiKeyId, entry.Feature, entry.Channel, entry.Provider,
        entry.Model, entry.HoldId, entry.Requests, entry.InputTokens, entry.CachedInputTokens, entry.CacheWriteTokens, entry.OutputTokens, entry.ReasoningTokens,
        entry.Cost is { } cost ? new Money(DecimalText.Write(cost), entry.Currency!) : null, entry.PriceId, entry.CorrectsEntryId, entry.Reason,
        MeterCorrections.Read(entry.MeterDifferences));

    internal object?[] Cells() =>
    [
        Id, Type, Source, SourceId, Time, RecordedAt, UserId, ApiKeyId, Feature, Channel, Provider, Model, HoldId, Requests,
        InputTokens, CachedInputTokens, CacheWriteTokens, OutputTokens, ReasoningTokens, Cost?.Amount, Cost?.Currency, PriceId, CorrectsEntryId, Reason,
        MeterDifferences is null ? null : JsonSerializer.Serialize(MeterDifferences),
    ];
}
