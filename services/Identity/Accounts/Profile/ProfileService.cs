using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Messaging;

namespace BotGeneric.Identity.Accounts.Profile;

/// <summary>Changes profiles.</summary>
public sealed class ProfileService(IdentityDbContext db, IdentityEvents events, AuditTrail audit)
{
    /// <summary>Changes a profile; the same again changes nothing and tells nobody. Saves.</summary>
    /// <param name="user">Whose; tracked.</param>
    /// <param name="values">The profile, which the rules allow.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task ChangeAsync(User user, ProfileValues values, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(values);
        user.DisplayName = Given(values.DisplayName);
        user.AvatarUrl = Given(values.AvatarUrl);
        user.Language = values.Language;
        user.TimeZone = values.TimeZone;
        if (!db.ChangeTracker.HasChanges())
        {
            return;
        }

        events.Updated(user);
        audit.Add(AuditActions.ProfileChanged, user.Id, actorId: user.Id);
        await db.SaveChangesAsync(cancellationToken);
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
