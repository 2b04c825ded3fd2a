using BotGeneric.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Administration;

/// <summary>One at a time for everything that decides who is an admin, so that the last one stays. Ends with the transaction.</summary>
internal static class AdminLock
{
    // The class of the lock: "admi" in ASCII.
    private const int Class = 1633971561;

    public static Task TakeAsync(IdentityDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({Class}, 0)", cancellationToken);
}
