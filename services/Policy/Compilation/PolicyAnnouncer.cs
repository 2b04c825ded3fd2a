using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Policy.Compilation;

/// <summary>Says in the transaction of a change that what accounts may do is not what it was; every replica hears it after the commit and forgets.</summary>
/// <param name="outbox">Carries it.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class PolicyAnnouncer(IOutbox outbox, TimeProvider timeProvider)
{
    /// <summary>It changes for these accounts or persons.</summary>
    /// <param name="db">The context of the change.</param>
    /// <param name="accounts">The accounts or persons.</param>
    public void Announce(DbContext db, params IReadOnlyList<Guid> accounts) => Add(db, accounts);

    /// <summary>It changes for everybody.</summary>
    /// <param name="db">The context of the change.</param>
    public void AnnounceToEverybody(DbContext db) => Add(db, null);

    private void Add(DbContext db, IReadOnlyList<Guid>? accounts) => outbox.Add(db, new PolicyChanged
    {
        EventId = Guid.CreateVersion7(),
        OccurredAt = timeProvider.GetUtcNow(),
        AccountIds = accounts,
    });
}
