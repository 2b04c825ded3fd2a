using System.Collections.Frozen;
using BotGeneric.Messaging.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace BotGeneric.Messaging;

/// <summary>
/// Which accounts are part of others now. Whoever writes something for an account asks first, in the transaction in which it is written; so what comes late
/// under the id of an account that is no more still ends where the rest of it is.
/// </summary>
/// <remarks>
/// Asking takes shared advisory locks that end with the transaction, and a merge takes the same one alone: it waits for those who asked before it and then
/// moves what they wrote; those who ask during it wait and then learn of it. Locks are per group of accounts, so that many accounts in one transaction do
/// not fill PostgreSQL's table of locks, and a long merge stops only a few of the others.
/// </remarks>
public sealed class AccountAliases
{
    // The class of the locks: "merg" in ASCII.
    private const int LockClass = 1835364967;
    private const int AllMerges = -1;
    private const int Groups = 64;

    private const string LockShared = "SELECT pg_advisory_xact_lock_shared($1, lock) FROM unnest($2) AS lock";

    // A statement of its own: one that had begun before the locks were given would not see what was committed meanwhile.
    private const string Find = "SELECT account_id, kept_account_id FROM merged_accounts WHERE account_id = ANY ($1)";

    private readonly FrozenDictionary<Guid, Guid> _kept;

    private AccountAliases(IReadOnlyDictionary<Guid, Guid> kept) => _kept = kept.ToFrozenDictionary();

    /// <summary>The account that has what belongs to an account.</summary>
    /// <param name="account">An account that was asked about.</param>
    /// <returns>The account itself, unless it is part of another one.</returns>
    public Guid Of(Guid account) => _kept.GetValueOrDefault(account, account);

    /// <summary>Asks about accounts. One round trip; must come before the first change of rows of these accounts.</summary>
    /// <param name="db">The service's context, in a transaction, whose model includes <see cref="MergedAccountsModel.AddMergedAccounts"/>.</param>
    /// <param name="accounts">The accounts.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="InvalidOperationException">There is no transaction.</exception>
    public static Task<AccountAliases> ResolveAsync(DbContext db, IEnumerable<Guid> accounts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var transaction = db.Database.CurrentTransaction?.GetDbTransaction()
            ?? throw new InvalidOperationException("Accounts are asked about in the transaction in which something is written for them.");
        return ResolveAsync((NpgsqlConnection)db.Database.GetDbConnection(), (NpgsqlTransaction)transaction, accounts, cancellationToken);
    }

    /// <summary>As above, in a transaction that is not a context's.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="accounts">The accounts.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<AccountAliases> ResolveAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IEnumerable<Guid> accounts, CancellationToken cancellationToken)
    {
        Guid[] distinct = [.. accounts.Distinct()];
        // In order, as everybody takes them, so that nobody waits in a circle.
        int[] locks = [.. distinct.Select(GroupOf).Distinct().Order()];
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(LockShared) { Parameters = { new() { Value = LockClass }, new() { Value = locks } } },
                new NpgsqlBatchCommand(Find) { Parameters = { new() { Value = distinct } } },
            },
        };
        var kept = new Dictionary<Guid, Guid>();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            kept.Add(reader.GetGuid(0), reader.GetGuid(1));
        return new AccountAliases(kept);
    }

    /// <summary>The accounts that are part of an account now; none in a service that keeps nothing by account.</summary>
    internal static async Task<IReadOnlyList<Guid>> AbsorbedByAsync(DbContext db, Guid account, CancellationToken cancellationToken) =>
        db.Model.FindEntityType(typeof(MergedAccount)) is null
            ? []
            : await db.Set<MergedAccount>().Where(row => row.KeptAccountId == account).Select(row => row.AccountId).ToListAsync(cancellationToken);

    /// <summary>
    /// Notes a merge. Merges may be heard in any order and more than once: an account that is already part of another one is moved to where that one
    /// ended.
    /// </summary>
    /// <returns>Where the absorbed account's things go; null when it would be the account itself.</returns>
    internal static async Task<Guid?> RecordAsync(DbContext db, Guid absorbed, Guid kept, CancellationToken cancellationToken)
    {
        // One merge at a time, then alone with the groups of the absorbed account and of those that are part of it already: who asked about one of
        // these was told the absorbed account and may be writing for it at this moment.
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({LockClass}, {AllMerges})", cancellationToken);
        var groups = (await AbsorbedByAsync(db, absorbed, cancellationToken)).Append(absorbed).Select(GroupOf).Distinct().Order().ToArray();
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({LockClass}, lock) FROM unnest({groups}) AS lock", cancellationToken);
        var known = await db.Set<MergedAccount>().AsNoTracking()
            .Where(row => row.AccountId == absorbed || row.AccountId == kept)
            .ToDictionaryAsync(row => row.AccountId, row => row.KeptAccountId, cancellationToken);
        var target = known.TryGetValue(absorbed, out var earlier) ? earlier : known.GetValueOrDefault(kept, kept);
        if (target == absorbed)
            return null;

        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO merged_accounts (account_id, kept_account_id) VALUES ({absorbed}, {target}) ON CONFLICT DO NOTHING", cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"UPDATE merged_accounts SET kept_account_id = {target} WHERE kept_account_id = {absorbed}", cancellationToken);
        return target;
    }

    // The end of an id is random in every version of UUID that is used.
    private static int GroupOf(Guid account) => account.ToByteArray()[^1] % Groups;
}
