using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

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
        ErasureList list, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        var request = PageRequest<ErasurePosition>.Read(cursor, limit);
        return request.Problem is not null ? request.Problem : TypedResults.Ok(await list.PageAsync(request.After, request.Size, cancellationToken));
    }
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
    DateTimeOffset? CompletedAt, IReadOnlyList<ErasureServiceAnswer> Services)
{
    // For pages: the last part of the key of its text.
    internal string State => CancelledAt is not null ? "cancelled" : StartedAt is null ? "waiting" : CompletedAt is null ? "running" : "complete";
}

/// <summary>A service's part in a deletion.</summary>
/// <param name="Service">The service.</param>
/// <param name="ErasedAt">When it answered, UTC; null: not yet.</param>
public sealed record ErasureServiceAnswer(string Service, DateTimeOffset? ErasedAt);
