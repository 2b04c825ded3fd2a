using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Administration;

/// <summary>A system has somebody who runs it. Asked under <see cref="AdminLock"/> by whatever takes an admin away.</summary>
internal static class LastAdmin
{
    /// <summary>Whether nobody would be left: who is locked, deleted or about to be deleted does not count.</summary>
    public static async Task<bool> IsAsync(IdentityDbContext db, Guid userId, CancellationToken cancellationToken) => !await db.Users.AnyAsync(
        other => other.Id != userId && other.Roles.Contains(User.AdminRole) && other.LockedAt == null && other.DeletedAt == null
            && other.DeletionRequestedAt == null,
        cancellationToken);
}
