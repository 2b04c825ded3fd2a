using System.Globalization;
using Npgsql;

namespace BotGeneric.Usage.Ledger;

/// <summary>
/// The partitions of the ledger and the month that is written to. That an event is a duplicate is known from the partition's own unique index and from a
/// look into the partitions before; two writers who write to two months at once would not see each other. So the month is one for all: whoever writes holds a
/// lock together with all who write, the month goes on only when nobody holds it, and what is written afterwards is of the new month, whatever the
/// writer's clock says.
/// </summary>
internal sealed class LedgerMonths(NpgsqlDataSource dataSource)
{
    // The class of the locks: "ledg" in ASCII.
    public const int LockClass = 1818583143;

    private const int MonthLock = 0;
    private const int PartitionsLock = 1;
    private const int MonthsAhead = 2;

    /// <summary>Joins those who write. $1 the class, $2 <see cref="JoinKey"/>.</summary>
    public const string Join = "SELECT pg_advisory_xact_lock_shared($1, $2)";

    // A statement of its own: one that had begun before the lock was given would not see what was committed meanwhile.
    public const string Current = "SELECT first_day FROM ledger_month";

    public static int JoinKey => MonthLock;

    /// <summary>The partition of a month.</summary>
    public static string PartitionOf(DateOnly month) => string.Create(CultureInfo.InvariantCulture, $"ledger_{month:yyyy_MM}");

    public static DateOnly MonthOf(DateTimeOffset time) => new(time.UtcDateTime.Year, time.UtcDateTime.Month, 1);

    /// <summary>Waits for those who write, and goes on to a month if it is later than the current one.</summary>
    /// <param name="month">The first day of the month.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task GoOnToAsync(DateOnly month, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync("SELECT pg_advisory_xact_lock($1, $2)", LockClass, MonthLock);
        await AddPartitionsAsync(connection, transaction, month, cancellationToken);
        await using var command = new NpgsqlCommand("UPDATE ledger_month SET first_day = $1 WHERE first_day < $1", connection, transaction);
        command.Parameters.Add(new() { Value = month });
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        async Task ExecuteAsync(string sql, int lockClass, int key)
        {
            await using var locking = new NpgsqlCommand(sql, connection, transaction);
            locking.Parameters.Add(new() { Value = lockClass });
            locking.Parameters.Add(new() { Value = key });
            await locking.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Sees to it that a month and the two after it have partitions.</summary>
    /// <param name="month">The first day of the month.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many were added.</returns>
    public async Task<int> AddPartitionsAsync(DateOnly month, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var added = await AddPartitionsAsync(connection, transaction, month, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return added;
    }

    private static async Task<int> AddPartitionsAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, DateOnly month, CancellationToken cancellationToken)
    {
        await using var locking = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1, $2)", connection, transaction);
        locking.Parameters.Add(new() { Value = LockClass });
        locking.Parameters.Add(new() { Value = PartitionsLock });
        await locking.ExecuteNonQueryAsync(cancellationToken);

        await using var adding = new NpgsqlCommand(
            "SELECT count(*) FILTER (WHERE ledger_add_partition(($1 + ahead * interval '1 month')::date)) FROM generate_series(0, $2) AS ahead",
            connection,
            transaction);
        adding.Parameters.Add(new() { Value = month });
        adding.Parameters.Add(new() { Value = MonthsAhead });
        return (int)(long)(await adding.ExecuteScalarAsync(cancellationToken))!;
    }
}
