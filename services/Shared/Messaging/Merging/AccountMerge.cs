using BotGeneric.Contracts.Identity.V1;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Messaging.Merging;

/// <summary>Remembers that an account is part of another one now, and moves what is kept for it, in one transaction.</summary>
internal sealed class AccountMerge<TDbContext>(IEnumerable<IAccountMerger<TDbContext>> mergers) : IEventHandler<AccountsMerged, TDbContext>
    where TDbContext : DbContext
{
    public async Task HandleAsync(AccountsMerged @event, TDbContext db, CancellationToken cancellationToken)
    {
        var kept = await AccountAliases.RecordAsync(db, @event.AbsorbedUserId, @event.KeptUserId, cancellationToken)
            ?? throw new UnprocessableEventException("The account would become part of itself.");
        foreach (var merger in mergers)
            await merger.MergeAsync(@event.AbsorbedUserId, kept, db, cancellationToken);
    }
}
