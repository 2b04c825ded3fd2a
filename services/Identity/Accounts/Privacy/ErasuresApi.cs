using BotGeneric.Identity.Data;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Accounts.Privacy;

/// <summary>Deletions of people, for those who run the system.</summary>
public static class ErasuresApi
{
    /// <summary>Maps <c>/api/admin/erasures</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapErasuresApi(this IEndpointRouteBuilder app) =>
        app.MapGroup("/api/admin/erasures").WithTags("Erasures").RequireAuthorization(ApiPolicies.Admin).MapGet(string.Empty, ListAsync);

    /// <summary>Deletions, the newest request first, with what each service has answered.</summary>
    internal static async Task<Results<Ok<Page<ErasureAnswer>>, ProblemHttpResult>> ListAsync(
        IdentityDbContext db, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        var request = PageRequest<ErasurePosition>.Read(cursor, limit);
        if (request.Problem is not null)
        {
            return request.Problem;
        }

        var query = db.Erasures.AsNoTracking();
        if (request.After is { } after)
        {
            query = query.Where(erasure => erasure.Id < after.Id);
        }

        var erasures = await query.OrderByDescending(erasure => erasure.Id).Take(request.Size + 1).ToListAsync(cancellationToken);
        var people = erasures.Select(erasure => erasure.UserId).ToList();
        var answers = (await db.ErasureAcknowledgements.AsNoTracking().Where(answer => people.Contains(answer.UserId)).ToListAsync(cancellationToken))
            .ToLookup(answer => answer.UserId);
        var rows = erasures.ConvertAll(erasure => new ErasureAnswer(
            erasure.Id, erasure.UserId, erasure.RequestedAt, erasure.DueAt, erasure.CancelledAt, erasure.StartedAt, erasure.CompletedAt,
            erasure.StartedAt is null
                ? []
                : [.. ErasureServices.All.Select(service => new ErasureServiceAnswer(
                    service, answers[erasure.UserId].SingleOrDefault(answer => answer.Service == service)?.At))]));
        return TypedResults.Ok(Page<ErasureAnswer>.From(rows, request.Size, row => new ErasurePosition(row.Id)));
    }

    private sealed record ErasurePosition(Guid Id);
}

/// <summary>A deletion.</summary>
/// <param name="Id">The deletion.</param>
/// <param name="UserId">The person.</param>
/// <param name="RequestedAt">When it was asked for, UTC.</param>
/// <param name="DueAt">When the days of grace are over, UTC.</param>
/// <param name="CancelledAt">When it was called off, UTC; null: it was not.</param>
/// <param name="StartedAt">When every service was told, UTC; null: not yet.</param>
/// <param name="CompletedAt">When the last service had answered, UTC; null: not yet.</param>
/// <param name="Services">What each service answered; empty before they are told.</param>
public sealed record ErasureAnswer(
    Guid Id, Guid UserId, DateTimeOffset RequestedAt, DateTimeOffset DueAt, DateTimeOffset? CancelledAt, DateTimeOffset? StartedAt,
    DateTimeOffset? CompletedAt, IReadOnlyList<ErasureServiceAnswer> Services);

/// <summary>A service's part in a deletion.</summary>
/// <param name="Service">The service.</param>
/// <param name="ErasedAt">When it answered, UTC; null: not yet.</param>
public sealed record ErasureServiceAnswer(string Service, DateTimeOffset? ErasedAt);
