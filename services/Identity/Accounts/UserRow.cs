using BotGeneric.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Accounts;

/// <summary>One at a time for what decides by which credentials a person gets in: a sign-in and the change of a password do not overtake each other.</summary>
internal static class UserRow
{
    /// <summary>Waits for everybody else who changes the person, and keeps them out until the end of the transaction. Take it before anything else is written.</summary>
    public static Task LockUserAsync(this IdentityDbContext db, Guid userId, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT 1 FROM users WHERE id = {userId} FOR NO KEY UPDATE", cancellationToken);

    /// <summary>The same, and reads the person again. Changes that are not saved are lost.</summary>
    public static async Task LockAsync(this IdentityDbContext db, User user, CancellationToken cancellationToken)
    {
        await db.LockUserAsync(user.Id, cancellationToken);
        await db.Entry(user).ReloadAsync(cancellationToken);
    }
}
