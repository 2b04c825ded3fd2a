using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Messaging;

/// <summary>
/// Erases what a service holds of one person, after the person's days of grace. What has to stay (money, the usage that was paid for) stays with the
/// account's id, which leads to nobody any more.
/// </summary>
/// <typeparam name="TDbContext">The service's database.</typeparam>
public interface IPersonEraser<in TDbContext>
    where TDbContext : DbContext
{
    /// <summary>
    /// Erases. The transaction of <paramref name="db"/> is open, and the service's answer commits with it. Safe to repeat: a person of whom there is
    /// nothing, or nothing any more, is erased as well.
    /// </summary>
    /// <param name="userId">The person, which is also the person's own account.</param>
    /// <param name="db">The service's database, in a transaction.</param>
    /// <param name="cancellationToken">Cancelled when the process stops; the event is then delivered again.</param>
    Task EraseAsync(Guid userId, TDbContext db, CancellationToken cancellationToken);
}
