using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Messaging;

/// <summary>
/// Moves what a service keeps for one account to another. What moves here is what <see cref="IPersonEraser{TDbContext}"/> erases, and whatever else has an
/// account's id.
/// </summary>
/// <typeparam name="TDbContext">The service's database.</typeparam>
public interface IAccountMerger<in TDbContext>
    where TDbContext : DbContext
{
    /// <summary>
    /// Moves it. The transaction of <paramref name="db"/> is open, and nothing is written for the absorbed account meanwhile by whoever asks
    /// <see cref="AccountAliases"/> first. Safe to repeat: what was moved is not there any more.
    /// </summary>
    /// <param name="absorbed">The account that is no more.</param>
    /// <param name="kept">The account that has everything from now on.</param>
    /// <param name="db">The service's database, in a transaction.</param>
    /// <param name="cancellationToken">Cancelled when the process stops; the event is then delivered again.</param>
    Task MergeAsync(Guid absorbed, Guid kept, TDbContext db, CancellationToken cancellationToken);
}
