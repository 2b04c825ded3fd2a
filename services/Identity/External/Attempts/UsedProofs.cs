using BotGeneric.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.External.Attempts;

/// <summary>Remembers proofs that work once.</summary>
internal sealed class UsedProofs(IdentityDbContext db)
{
    /// <summary>Uses a proof up: of any number of requests with the same one, at any time, exactly one is told true.</summary>
    /// <param name="hash">SHA-256 of the proof.</param>
    /// <param name="expiresAt">Until when it must be remembered, UTC.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<bool> TryUseAsync(byte[] hash, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO used_proofs (hash, expires_at) VALUES ({hash}, {expiresAt}) ON CONFLICT DO NOTHING", cancellationToken) == 1;
}
