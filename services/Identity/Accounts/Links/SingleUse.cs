using BotGeneric.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Accounts.Links;

/// <summary>Sees to it that what may be shown once is not shown twice: a code, a challenge, a signed proof, a step of signing in.</summary>
public sealed class SingleUse(IdentityDbContext db)
{
    /// <summary>Notes a use. Writes at once; of many who try at the same time, one succeeds.</summary>
    /// <param name="proof">What is shown, with its kind in front.</param>
    /// <param name="expiresAt">After this time it is refused anyway, UTC.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether it is the first.</returns>
    public Task<bool> TryUseAsync(string proof, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        TryUseAsync(Secrets.Hash(proof), expiresAt, cancellationToken);

    /// <summary>The same for a proof of which only the hash is known.</summary>
    /// <param name="hash">SHA-256 of the proof.</param>
    /// <param name="expiresAt">After this time it is refused anyway, UTC.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether it is the first.</returns>
    public async Task<bool> TryUseAsync(byte[] hash, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO used_proofs (hash, expires_at) VALUES ({hash}, {expiresAt}) ON CONFLICT DO NOTHING", cancellationToken) == 1;
}
