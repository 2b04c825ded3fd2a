using BotGeneric.Contracts.Privacy.V1;
using BotGeneric.Identity.Accounts.Privacy;
using BotGeneric.Identity.Data;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Messaging;

/// <summary>Notes which services have erased a person. The deletion is complete with the last of them.</summary>
public sealed class UserErasedHandler(TimeProvider time) : IEventHandler<UserErased, IdentityDbContext>
{
    /// <inheritdoc />
    public async Task HandleAsync(UserErased @event, IdentityDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(@event);
        ArgumentNullException.ThrowIfNull(db);
        if (!ErasureServices.All.Contains(@event.Service))
        {
            throw new UnprocessableEventException("'service' is none of those that answer a deletion.");
        }

        // Locked: of two services that answer at the same moment the second must see the first.
        var erasure = await db.Erasures
            .FromSql($"SELECT *, xmin FROM erasures WHERE user_id = {@event.UserId} AND started_at IS NOT NULL FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new UnprocessableEventException("No deletion of this person has begun.");
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO erasure_acknowledgements (user_id, service, at) VALUES ({@event.UserId}, {@event.Service}, {@event.OccurredAt.ToUniversalTime()})
            ON CONFLICT DO NOTHING
            """,
            cancellationToken);
        var answered = await db.ErasureAcknowledgements
            .Where(answer => answer.UserId == @event.UserId)
            .Select(answer => answer.Service)
            .ToListAsync(cancellationToken);
        if (ErasureServices.All.All(answered.Contains))
        {
            erasure.Complete(time.GetUtcNow());
        }
    }
}
