using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Usage.Data;

/// <summary>
/// Says in a transaction which change of recorded entries it is about to make. The ledger refuses every other one, and each of these two may touch only
/// what it is for (see <see cref="LedgerSql"/>).
/// </summary>
internal static class LedgerChange
{
    /// <summary>Two accounts become one: whose an entry is.</summary>
    public const string Merge = "merge";

    /// <summary>A person is erased: entries of the person's own account, and who caused an entry.</summary>
    public const string Erasure = "erasure";

    /// <summary>Allows it until the transaction ends or <see cref="ForbidAsync"/>.</summary>
    /// <param name="db">The context, in a transaction.</param>
    /// <param name="change">What is to be allowed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task AllowAsync(UsageDbContext db, string change, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT set_config('ledger.change', {change}, true)", cancellationToken);

    /// <summary>Forbids every change again.</summary>
    /// <param name="db">The context, in a transaction.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task ForbidAsync(UsageDbContext db, CancellationToken cancellationToken) => AllowAsync(db, string.Empty, cancellationToken);
}
