using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Accounts.Links;

/// <summary>Finds and uses the links that were sent to people.</summary>
public sealed class OneTimeLinks(IdentityDbContext db, TimeProvider time)
{
    /// <summary>The link that a secret opens, if it still works. Changes nothing.</summary>
    /// <param name="secret">The secret of the link's address.</param>
    /// <param name="purpose">What it must be for.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<OneTimeLink?> FindAsync(string? secret, LinkPurpose purpose, CancellationToken cancellationToken)
    {
        if (secret is not { Length: > 0 and <= 100 })
        {
            return null;
        }

        var hash = Secrets.Hash(secret);
        var now = time.GetUtcNow();
        return await db.OneTimeLinks.AsNoTracking().SingleOrDefaultAsync(
            link => link.SecretHash == hash && link.Purpose == purpose && link.ConsumedAt == null && link.ExpiresAt > now, cancellationToken);
    }

    /// <summary>Uses a link. Of many who try at once, one succeeds. Writes at once: call it in the transaction of what the link allows.</summary>
    /// <param name="link">The link.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether it was this call that used it.</returns>
    public async Task<bool> ConsumeAsync(OneTimeLink link, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(link);
        DateTimeOffset? now = time.GetUtcNow();
        return await db.OneTimeLinks
            .Where(candidate => candidate.Id == link.Id && candidate.ConsumedAt == null && candidate.ExpiresAt > now)
            .ExecuteUpdateAsync(
                // The account has the password now; a copy of an old one would outlive its change.
                update => update.SetProperty(candidate => candidate.ConsumedAt, now).SetProperty(candidate => candidate.PasswordHash, (string?)null),
                cancellationToken) == 1;
    }

    /// <summary>Takes back every open link of a kind that a person was sent. Writes at once.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="purpose">The kind.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task TakeBackAsync(Guid userId, LinkPurpose purpose, CancellationToken cancellationToken)
    {
        DateTimeOffset? now = time.GetUtcNow();
        await db.OneTimeLinks
            .Where(link => link.UserId == userId && link.Purpose == purpose && link.ConsumedAt == null)
            .ExecuteUpdateAsync(update => update.SetProperty(link => link.ConsumedAt, now), cancellationToken);
    }
}
