using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Messaging;

/// <summary>Remembers that an account is an organization: an account of which that is not known is a person, whose own limits hold.</summary>
/// <param name="announcer">Says that it is another account now.</param>
public sealed class OrganizationCreatedHandler(PolicyAnnouncer announcer) : IEventHandler<OrganizationCreated, PolicyDbContext>
{
    /// <inheritdoc />
    public async Task HandleAsync(OrganizationCreated @event, PolicyDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(@event);
        ArgumentNullException.ThrowIfNull(db);
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO organizations (account_id) VALUES ({@event.OrganizationId}) ON CONFLICT DO NOTHING", cancellationToken);
        announcer.Announce(db, @event.OrganizationId);
    }
}
