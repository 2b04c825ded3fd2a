using BotGeneric.Identity.Audit;
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
    private const int MaximumStaffAccess = 20;

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

    /// <summary>When the operator's staff began to act in a person's name, in the browser or by the API, the last first; what is going on now too.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<DateTimeOffset>> ReadStaffAccessAsync(Guid userId, CancellationToken cancellationToken) =>
        await db.AuditEntries.AsNoTracking()
            .Where(entry => entry.UserId == userId && entry.Action == AuditActions.Impersonated && entry.Outcome == AuditTrail.Success)
            .OrderByDescending(entry => entry.Sequence)
            .Take(MaximumStaffAccess)
            .Select(entry => entry.At)
            .ToListAsync(cancellationToken);
}
