using System.ComponentModel;
using BotGeneric.Notifications.Data;
using BotGeneric.Notifications.Domain;
using BotGeneric.Notifications.Security;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Notifications.Api;

/// <summary>Addresses that get no mail because they were refused for good.</summary>
public static class SuppressionsApi
{
    private const string ByHand = "listed by an admin";

    /// <summary>Maps <c>/api/notifications/suppressions</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapSuppressionsApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/notifications/suppressions").WithTags("Suppressions").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/", ListAsync).WithSummary("List suppressed addresses");
        group.MapPost("/", AddAsync).WithSummary("Suppress an address");
        group.MapDelete("/{id:guid}", DeleteAsync).WithSummary("Let an address get mail again");
    }

    /// <summary>Suppressed addresses, newest first. They are masked; to find one, look for its delivery.</summary>
    internal static async Task<Results<Ok<Page<SuppressionDetail>>, ProblemHttpResult>> ListAsync(
        NotificationsDbContext db,
        CancellationToken cancellationToken,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Position>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var query = db.Suppressions.AsNoTracking();
        if (request.After is { } after)
        {
            query = query.Where(suppression => suppression.Id < after.Id);
        }

        var rows = await query.OrderByDescending(suppression => suppression.Id).Take(request.Size + 1).ToListAsync(cancellationToken);
        var page = Page<Suppression>.From(rows, request.Size, row => new Position(row.Id));
        return TypedResults.Ok(new Page<SuppressionDetail>([.. page.Items.Select(SuppressionDetail.From)], page.NextCursor));
    }

    /// <summary>
    /// Suppresses an address by hand: one that a bounce message in the sender's mailbox or the mail provider's console has named. Safe to repeat.
    /// </summary>
    internal static async Task<Results<Ok<SuppressionDetail>, ProblemHttpResult>> AddAsync(
        NewSuppression suppression, NotificationsDbContext db, AddressFingerprints fingerprints, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        if (MailAddress.Read(suppression.Address) is not { } address)
        {
            return ApiProblems.Invalid("address", "Send an e-mail address, without a name.");
        }

        var fingerprint = await fingerprints.OfAsync(address.Address, cancellationToken);
        var listed = Suppression.List(fingerprint, MailAddress.Mask(address.Address), new DeliveryOutcome(null, ByHand), timeProvider.GetUtcNow());
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO suppressions (id, address_fingerprint, masked_address, status_code, reason, created_at, last_bounced_at)
            VALUES ({listed.Id}, {listed.AddressFingerprint}, {listed.MaskedAddress}, {listed.StatusCode}, {listed.Reason}, {listed.CreatedAt}, {listed.LastBouncedAt})
            ON CONFLICT (address_fingerprint) DO UPDATE SET last_bounced_at = excluded.last_bounced_at
            """,
            cancellationToken);
        return TypedResults.Ok(SuppressionDetail.From(
            await db.Suppressions.AsNoTracking().SingleAsync(row => row.AddressFingerprint == fingerprint, cancellationToken)));
    }

    /// <summary>Takes an address off the list. What was not sent meanwhile stays unsent.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(Guid id, NotificationsDbContext db, CancellationToken cancellationToken) =>
        await db.Suppressions.Where(suppression => suppression.Id == id).ExecuteDeleteAsync(cancellationToken) == 0
            ? ApiProblems.NotFound($"There is no suppression {id}.")
            : TypedResults.NoContent();

    private sealed record Position(Guid Id);
}

/// <summary>An address to be suppressed.</summary>
/// <param name="Address">The e-mail address, without a name. It is not kept: only a fingerprint of it is.</param>
public sealed record NewSuppression(string Address);

/// <summary>An address that gets no mail.</summary>
/// <param name="Id">The entry.</param>
/// <param name="Address">The address, masked.</param>
/// <param name="StatusCode">The SMTP reply code of the last bounce; null when an admin listed it.</param>
/// <param name="Reason">Why it is listed.</param>
/// <param name="CreatedAt">When it was listed, UTC.</param>
/// <param name="LastBouncedAt">The last bounce, UTC.</param>
public sealed record SuppressionDetail(
    Guid Id, string Address, int? StatusCode, string Reason, DateTimeOffset CreatedAt, DateTimeOffset LastBouncedAt)
{
    internal static SuppressionDetail From(Suppression suppression)
    {
        ArgumentNullException.ThrowIfNull(suppression);
        return new SuppressionDetail(
            suppression.Id, suppression.MaskedAddress, suppression.StatusCode, suppression.Reason, suppression.CreatedAt, suppression.LastBouncedAt);
    }
}
