using System.Text.Json;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;

namespace BotGeneric.Policy.Policies;

/// <summary>Writes a change down, says it to every replica, and commits it: all or nothing.</summary>
/// <param name="db">Policy's database.</param>
/// <param name="announcer">Says it.</param>
/// <param name="stamps">What this process remembers.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class PolicyJournal(PolicyDbContext db, PolicyAnnouncer announcer, EvictionStamps stamps, TimeProvider timeProvider)
{
    /// <summary>Notes a change that is about everybody; the caller saves.</summary>
    /// <param name="by">Who, and why.</param>
    /// <param name="action">What was done.</param>
    /// <param name="target">To what.</param>
    /// <param name="details">What it was changed to.</param>
    public void Note(ChangeBy by, string action, string target, object? details)
    {
        ArgumentNullException.ThrowIfNull(by);
        Add(by, action, target, null, details);
        announcer.AnnounceToEverybody(db);
    }

    /// <summary>Notes a change that is about accounts; the caller saves.</summary>
    /// <param name="by">Who, and why.</param>
    /// <param name="action">What was done.</param>
    /// <param name="target">To what.</param>
    /// <param name="details">What it was changed to.</param>
    /// <param name="account">The account.</param>
    public void Note(ChangeBy by, string action, string target, object? details, Guid account)
    {
        ArgumentNullException.ThrowIfNull(by);
        Add(by, action, target, account, details);
        announcer.Announce(db, account);
    }

    /// <summary>Forgets in this process at once what the others forget when they hear of it.</summary>
    /// <param name="account">The account; null: everybody.</param>
    public void Forget(Guid? account)
    {
        if (account is { } one)
        {
            stamps.Evict(one);
        }
        else
        {
            stamps.EvictEverybody();
        }
    }

    private void Add(ChangeBy by, string action, string target, Guid? account, object? details) => db.PolicyAudit.Add(new PolicyAuditEntry
    {
        Id = Guid.CreateVersion7(timeProvider.GetUtcNow()),
        At = timeProvider.GetUtcNow(),
        Actor = by.Subject,
        Action = action,
        Target = target,
        AccountId = account,
        Reason = by.Reason,
        Details = details is null ? null : JsonSerializer.Serialize(details, details.GetType(), PolicyJson.Options),
    });
}
