using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Privacy.V1;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Messaging.Privacy;

/// <summary>Answers the deletion of a person: erases, and says so in the same transaction.</summary>
internal sealed class PersonErasure<TDbContext>(
    IEnumerable<IPersonEraser<TDbContext>> erasers, MessagingRegistry registry, IOutbox outbox, TimeProvider time) : IEventHandler<UserDeleted, TDbContext>
    where TDbContext : DbContext
{
    public async Task HandleAsync(UserDeleted @event, TDbContext db, CancellationToken cancellationToken)
    {
        // Accounts that became part of this one are erased with it: nothing is kept for them any more, but a dead letter may name one.
        foreach (var userId in (Guid[])[@event.UserId, .. await AccountAliases.AbsorbedByAsync(db, @event.UserId, cancellationToken)])
        {
            foreach (var eraser in erasers)
                await eraser.EraseAsync(userId, db, cancellationToken);
            await ForgetDeadLettersAsync(userId, db, cancellationToken);
        }

        outbox.Add(db, new UserErased
        {
            EventId = Guid.CreateVersion7(),
            OccurredAt = time.GetUtcNow(),
            UserId = @event.UserId,
            Service = registry.Service,
        });
    }

    // Messages about the person that could not be handled hold what they were to say. They name the person at the top of the event; a message that
    // has the id elsewhere is about more than this person, such as a batch of usage, and holds nothing but ids. The deletion itself and its answer stay.
    private static Task ForgetDeadLettersAsync(Guid userId, TDbContext db, CancellationToken cancellationToken)
    {
        string[] kept = [EventName.Of(typeof(UserDeleted)), EventName.Of(typeof(UserErased))];
        var pattern = $"\"userId\"\\s*:\\s*\"{userId}\"";
        return db.Database.ExecuteSqlAsync(
            $"DELETE FROM dead_letters WHERE NOT (coalesce(type, '') = ANY ({kept})) AND encode(body, 'escape') ~* {pattern}", cancellationToken);
    }
}
