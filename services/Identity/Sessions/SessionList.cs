using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.TokenServer;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace BotGeneric.Identity.Sessions;

/// <summary>The sign-ins of a person that stand.</summary>
public sealed class SessionList(IdentityDbContext db, IOpenIddictApplicationManager clients, IOptions<UserSessionOptions> options, TimeProvider time)
{
    // More than anybody has; a page and an answer stay small whatever happened.
    private const int Maximum = 200;
    private const int MaximumStaffAccess = 20;

    /// <summary>Reads them, the last used first; at most 200, more than anybody has.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<UserSession>> ReadAsync(Guid userId, CancellationToken cancellationToken) =>
        ReadAsync(userId, null, Maximum, cancellationToken);

    /// <summary>Reads some of them, the last used first.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="after">What the first of them follows; null: nothing.</param>
    /// <param name="size">How many at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<IReadOnlyList<UserSession>> ReadAsync(Guid userId, SessionPosition? after, int size, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var idleSince = now - options.Value.Idle;
        var sessions = db.Sessions.AsNoTracking()
            .Where(session => session.UserId == userId && session.RevokedAt == null && session.ExpiresAt > now && session.LastSeenAt > idleSince);
        if (after is { } last)
        {
            var seenAt = last.LastSeenAt.ToUniversalTime();
            sessions = sessions.Where(session => session.LastSeenAt < seenAt || (session.LastSeenAt == seenAt && session.Id < last.Id));
        }

        return await sessions
            .OrderByDescending(session => session.LastSeenAt).ThenByDescending(session => session.Id)
            .Take(size)
            .ToListAsync(cancellationToken);
    }

    /// <summary>What the applications are called that have sessions of their own.</summary>
    /// <param name="sessions">The sessions.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>By the id of the client; the id itself where there is no such client any more.</returns>
    internal async Task<IReadOnlyDictionary<string, string>> ApplicationsAsync(IEnumerable<UserSession> sessions, CancellationToken cancellationToken)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var clientId in sessions.Select(session => session.ClientId).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            names[clientId] = await clients.FindByClientIdAsync(clientId, cancellationToken) is { } client
                ? await Consents.NameAsync(clients, client, cancellationToken)
                : clientId;
        }

        return names;
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

/// <summary>A place in the list of sign-ins.</summary>
/// <param name="LastSeenAt">When the sign-in was used last, UTC.</param>
/// <param name="Id">The session.</param>
internal sealed record SessionPosition(DateTimeOffset LastSeenAt, Guid Id);
