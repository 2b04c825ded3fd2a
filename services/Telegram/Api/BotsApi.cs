using System.ComponentModel;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.Telegram.Data;
using BotGeneric.Telegram.Domain;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Telegram.Api;

/// <summary>Bots that people write to.</summary>
public static class BotsApi
{
    /// <summary>Maps <c>/api/telegram/bots</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapBotsApi(this IEndpointRouteBuilder app) =>
        app.MapGroup("/api/telegram/bots")
            .WithTags("Bots")
            .RequireScope(ApiScopes.TelegramWrite)
            .MapGet("/", ListAsync);

    /// <summary>Bots, newest first.</summary>
    internal static async Task<Results<Ok<Page<BotSummary>>, ProblemHttpResult>> ListAsync(
        TelegramDbContext db,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var query = db.Bots.AsNoTracking();
        if (request.After is { } after)
        {
            query = query.Where(bot => bot.Id < after.Id);
        }

        // UUIDv7 sorts by creation.
        var rows = await query.OrderByDescending(bot => bot.Id).Take(request.Size + 1).ToListAsync(cancellationToken);
        var page = Page<Bot>.From(rows, request.Size, bot => new Position(bot.Id));
        return TypedResults.Ok(new Page<BotSummary>([.. page.Items.Select(BotSummary.From)], page.NextCursor));
    }

    private sealed record Position(Guid Id);
}

/// <summary>A bot.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Username">Its name on Telegram without the @.</param>
/// <param name="CreatedAt">When it was added, UTC.</param>
public sealed record BotSummary(Guid Id, string Username, DateTimeOffset CreatedAt)
{
    internal static BotSummary From(Bot bot) => new(bot.Id, bot.Username, bot.CreatedAt);
}
