using System.ComponentModel;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.Usage.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Usage.Api;

/// <summary>What is in the ledger.</summary>
public static class UsageHistoryApi
{
    /// <summary>Maps <c>GET /api/usage/history</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapUsageHistoryApi(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/usage/history", ListAsync)
            .RequireScope(ApiScopes.UsageRead)
            .WithTags("Usage")
            .WithSummary("List an account's usage");

    /// <summary>
    /// The entries of an account, latest call first. 404 for an account that is not the caller's, unless those who run the system ask.
    /// </summary>
    internal static async Task<Results<Ok<Page<UsageHistoryItem>>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal user,
        UsageDbContext db,
        CancellationToken cancellationToken,
        [Description("The account; the caller's own by default.")] Guid? account = null,
        [Description("Calls at or after this time, RFC 3339.")] DateTimeOffset? from = null,
        [Description("Calls before this time, RFC 3339.")] DateTimeOffset? to = null,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var access = AccountAccess.Read(user, account);
        if (!access.IsGranted)
        {
            return access.Problem;
        }

        var query = db.Ledger.AsNoTracking().Where(entry => entry.AccountId == access.Account);
        if (from is { } start)
        {
            var utc = start.ToUniversalTime();
            query = query.Where(entry => entry.Time >= utc);
        }

        if (to is { } end)
        {
            var utc = end.ToUniversalTime();
            query = query.Where(entry => entry.Time < utc);
        }

        if (request.After is { } after)
        {
            // A row comparison, so that the index on (account_id, time, id) finds the place at once.
            query = query.Where(entry => EF.Functions.LessThan(ValueTuple.Create(entry.Time, entry.Id), ValueTuple.Create(after.Time, after.Id)));
        }

        var rows = await query
            .OrderByDescending(entry => entry.Time).ThenByDescending(entry => entry.Id)
            .Take(request.Size + 1)
            .Select(entry => new UsageHistoryItem(
                entry.Id, entry.Source, entry.SourceId, entry.Time, entry.RecordedAt, entry.Feature, entry.Provider, entry.Model,
                entry.InputTokens, entry.CachedInputTokens, entry.CacheWriteTokens, entry.OutputTokens, entry.ReasoningTokens))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<UsageHistoryItem>.From(rows, request.Size, row => new Position(row.Time, row.Id)));
    }

    private sealed record Position(DateTimeOffset Time, Guid Id);
}

/// <summary>One call of a language model. The token pools are exclusive.</summary>
/// <param name="Id">The ledger's id.</param>
/// <param name="Source">Who reported it.</param>
/// <param name="SourceId">The reporter's id.</param>
/// <param name="Time">When it happened, UTC.</param>
/// <param name="RecordedAt">When the ledger accepted it, UTC.</param>
/// <param name="Feature">What it was for.</param>
/// <param name="Provider">The model's provider, when reported.</param>
/// <param name="Model">The model, when reported.</param>
/// <param name="InputTokens">Tokens of fresh input.</param>
/// <param name="CachedInputTokens">Tokens of input from the provider's cache.</param>
/// <param name="CacheWriteTokens">Tokens of input written to the provider's cache.</param>
/// <param name="OutputTokens">Tokens of visible output.</param>
/// <param name="ReasoningTokens">Tokens of reasoning.</param>
public sealed record UsageHistoryItem(
    Guid Id,
    string Source,
    string SourceId,
    DateTimeOffset Time,
    DateTimeOffset RecordedAt,
    string Feature,
    string? Provider,
    string? Model,
    long InputTokens,
    long CachedInputTokens,
    long CacheWriteTokens,
    long OutputTokens,
    long ReasoningTokens);
