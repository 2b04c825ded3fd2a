using BotGeneric.Identity.Data;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Accounts.Privacy;

/// <summary>Deletions with what each service has answered, for the API and for the page of admins.</summary>
/// <param name="db">The database.</param>
public sealed class ErasureList(IdentityDbContext db)
{
    /// <summary>A page of them, the newest request first.</summary>
    /// <param name="after">Where the page before ended; null: the first page.</param>
    /// <param name="size">How many at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<Page<ErasureAnswer>> PageAsync(ErasurePosition? after, int size, CancellationToken cancellationToken)
    {
        var query = db.Erasures.AsNoTracking();
        if (after is not null)
        {
            query = query.Where(erasure => erasure.Id < after.Id);
        }

        var erasures = await query.OrderByDescending(erasure => erasure.Id).Take(size + 1).ToListAsync(cancellationToken);
        var people = erasures.Select(erasure => erasure.UserId).ToList();
        var answers = (await db.ErasureAcknowledgements.AsNoTracking().Where(answer => people.Contains(answer.UserId)).ToListAsync(cancellationToken))
            .ToLookup(answer => answer.UserId);
        var rows = erasures.ConvertAll(erasure => new ErasureAnswer(
            erasure.Id, erasure.UserId, erasure.RequestedAt, erasure.DueAt, erasure.CancelledAt, erasure.StartedAt, erasure.CompletedAt,
            erasure.StartedAt is null
                ? []
                : [.. ErasureServices.All.Select(service => new ErasureServiceAnswer(
                    service, answers[erasure.UserId].SingleOrDefault(answer => answer.Service == service)?.At))]));
        return Page<ErasureAnswer>.From(rows, size, row => new ErasurePosition(row.Id));
    }
}

/// <summary>Where a page of deletions ends.</summary>
/// <param name="Id">The last deletion on it.</param>
internal sealed record ErasurePosition(Guid Id);
