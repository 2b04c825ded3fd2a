using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Messaging.Merging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Testing.Services;

/// <summary>A merge of two accounts as a service hears it.</summary>
public static class MergeCalls
{
    /// <summary>Handles a merge as the consumer does: in one transaction, with the handler that the service has registered.</summary>
    /// <typeparam name="TDbContext">The service's database.</typeparam>
    /// <param name="services">The service's own services.</param>
    /// <param name="absorbed">The account that is no more.</param>
    /// <param name="kept">The account that stays.</param>
    public static async Task MergeAsync<TDbContext>(this IServiceProvider services, Guid absorbed, Guid kept)
        where TDbContext : DbContext
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var merged = new AccountsMerged
        {
            EventId = Guid.CreateVersion7(),
            OccurredAt = TimeProvider.System.GetUtcNow(),
            KeptUserId = kept,
            AbsorbedUserId = absorbed,
        };
        await scope.ServiceProvider.GetRequiredService<AccountMerge<TDbContext>>().HandleAsync(merged, db, CancellationToken.None);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }
}
