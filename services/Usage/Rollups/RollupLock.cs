using Npgsql;

namespace BotGeneric.Usage.Rollups;

/// <summary>
/// Who folds batches shares the rollups with others who do; who moves, erases, archives or rebuilds them has them alone. The lock ends with the transaction.
/// </summary>
internal static class RollupLock
{
    // "roll" in ASCII.
    private const int Class = 1919904876;

    /// <summary>Shares the rollups.</summary>
    public const string Share = "SELECT pg_advisory_xact_lock_shared(1919904876, 1)";

    /// <summary>Takes the rollups alone.</summary>
    public const string Take = "SELECT pg_advisory_xact_lock(1919904876, 1)";

    /// <summary>Takes the pricing of entries after the fact alone.</summary>
    public static readonly string TakePricing = $"SELECT pg_advisory_xact_lock({Class}, 2)";

    /// <summary>Tries to take the daily work alone.</summary>
    public static readonly string TryTakeRetention = $"SELECT pg_try_advisory_xact_lock({Class}, 3)";

    /// <summary>Tries to take the check of invariants alone.</summary>
    public static readonly string TryTakeInvariants = $"SELECT pg_try_advisory_xact_lock({Class}, 4)";

    /// <summary>Tries to take the telling of totals alone.</summary>
    public static readonly string TryTakeTotals = $"SELECT pg_try_advisory_xact_lock({Class}, 5)";

    /// <summary>Runs a statement.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="parameters">Its parameters, in order.</param>
    /// <returns>Rows changed.</returns>
    public static async Task<int> ExecuteAsync(
        this NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, CancellationToken cancellationToken, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = 0 };
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
