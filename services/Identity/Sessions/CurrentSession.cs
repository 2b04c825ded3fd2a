using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Domain;

namespace BotGeneric.Identity.Sessions;

/// <summary>Who is signed in on the browser of a request, as the database says at this moment.</summary>
/// <param name="User">The person; tracked by the context of the request.</param>
/// <param name="Session">The session; tracked by the context of the request.</param>
/// <param name="Actor">The admin's own sign-in behind it while the admin acts as the person; null: the person is there in person.</param>
public sealed record CurrentSession(User User, UserSession Session, CurrentSession? Actor = null)
{
    /// <summary>Whether the person showed a credential recently enough for something that matters.</summary>
    /// <param name="now">The time, UTC.</param>
    /// <param name="fresh">How recently, see <see cref="UserSessionOptions.Fresh"/>.</param>
    public bool IsFresh(DateTimeOffset now, TimeSpan fresh) => now - Session.AuthenticatedAt <= fresh;
}
