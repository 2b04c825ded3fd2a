using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Sessions;

/// <summary>The sign-ins of a person that stand.</summary>
public sealed class SessionList(IdentityDbContext db, IOptions<UserSessionOptions> options, TimeProvider time)
{
    // More than anybody has; a page and an answer stay small whatever happened.
    private const int Maximum = 200;

    /// <summary>Reads them, the last used first.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<UserSession>> ReadAsync(Guid userId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var idleSince = now - options.Value.Idle;
        return await db.Sessions.AsNoTracking()
            .Where(session => session.UserId == userId && session.RevokedAt == null && session.ExpiresAt > now && session.LastSeenAt > idleSince)
            .OrderByDescending(session => session.LastSeenAt)
            .Take(Maximum)
            .ToListAsync(cancellationToken);
    }
}
