using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Messaging;

namespace BotGeneric.Identity.Accounts;

/// <summary>Tells a person that a way to sign in changed, so that somebody else's change does not stay unseen.</summary>
public sealed class SecurityNotices(IdentityEvents events)
{
    /// <summary>A factor was added or removed. Adds to the changes of the caller, who saves; somebody without an address is not told.</summary>
    /// <param name="user">The person.</param>
    /// <param name="what">The factor, such as <c>passkey</c>.</param>
    /// <param name="isAdded">Whether it was added.</param>
    public void Changed(User user, string what, bool isAdded)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (user.Email is not null)
        {
            events.Notify(NotificationTemplates.SecurityChanged, user.Email, user.Language, user.Id, new Dictionary<string, string>
            {
                ["what"] = what,
                ["change"] = isAdded ? "added" : "removed",
                ["when"] = events.Now(),
            });
        }
    }
}
