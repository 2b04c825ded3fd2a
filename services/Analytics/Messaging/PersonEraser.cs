using BotGeneric.Analytics.Data;
using BotGeneric.Messaging;

namespace BotGeneric.Analytics.Messaging;

/// <summary>
/// Moves a person's usage to the account of nobody, so that the totals of the installation stay what they were and nobody's habits can be read from them.
/// </summary>
internal sealed class PersonEraser : IPersonEraser<AnalyticsDbContext>
{
    private static readonly Guid Nobody = Guid.Empty;

    public Task EraseAsync(Guid userId, AnalyticsDbContext db, CancellationToken cancellationToken) => db.MoveAsync(userId, Nobody, cancellationToken);
}
