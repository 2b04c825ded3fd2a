using BotGeneric.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Sessions;

/// <summary>What the sessions of a person are worth after a second factor was taken away.</summary>
internal static class SessionFactors
{
    /// <summary>Takes kinds of credentials out of every session that stands. Adds to the changes of the caller, who saves.</summary>
    /// <param name="db">The database.</param>
    /// <param name="userId">The person.</param>
    /// <param name="methods">The kinds that the person has no more, as <c>amr</c> values.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task ForgetFactorsAsync(
        this IdentityDbContext db, Guid userId, IReadOnlyCollection<string> methods, CancellationToken cancellationToken) =>
        (await db.Sessions.Where(session => session.UserId == userId && session.RevokedAt == null).ToListAsync(cancellationToken))
            .ForEach(session => session.Forget(methods));
}
