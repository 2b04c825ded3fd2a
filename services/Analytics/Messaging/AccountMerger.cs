using BotGeneric.Analytics.Data;
using BotGeneric.Messaging;

namespace BotGeneric.Analytics.Messaging;

/// <summary>Adds the usage of an account to that of another one, and lets its subscriptions be that one's.</summary>
internal sealed class AccountMerger : IAccountMerger<AnalyticsDbContext>
{
    public Task MergeAsync(Guid absorbed, Guid kept, AnalyticsDbContext db, CancellationToken cancellationToken) =>
        db.MoveAsync(absorbed, kept, cancellationToken);
}
