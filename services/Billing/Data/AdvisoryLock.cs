using Npgsql;

namespace BotGeneric.Billing.Data;

/// <summary>Work that is done by one process of all at a time.</summary>
internal enum BillingWork
{
    /// <summary>Writing to the provider's catalogue or reading ours from it.</summary>
    Catalogue = 1,

    /// <summary>Comparing with the provider.</summary>
    Reconciliation = 2,
}

/// <summary>
/// A lock of the whole installation, held by a connection of its own: it may be kept while the provider is waited for, without a transaction that holds rows,
/// and it ends with the process, however that ends.
/// </summary>
internal sealed class AdvisoryLock : IAsyncDisposable
{
    // "bill" and "refd" in ASCII.
    private const int WorkClass = 1651076204;
    private const int RefundClass = 1919247972;

    private readonly NpgsqlConnection _connection;
    private readonly int _class;
    private readonly int _key;

    private AdvisoryLock(NpgsqlConnection connection, int lockClass, int key) => (_connection, _class, _key) = (connection, lockClass, key);

    /// <summary>Takes a piece of work.</summary>
    /// <param name="dataSource">Billing's database.</param>
    /// <param name="work">Which.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The lock; null when somebody else has it.</returns>
    internal static Task<AdvisoryLock?> TryTakeAsync(NpgsqlDataSource dataSource, BillingWork work, CancellationToken cancellationToken) =>
        TryTakeAsync(dataSource, WorkClass, (int)work, cancellationToken);

    /// <summary>Takes the right to refund a transaction.</summary>
    /// <param name="dataSource">Billing's database.</param>
    /// <param name="transactionId">Which. Two may share a lock, and then wait for each other.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The lock; null when somebody else has it.</returns>
    internal static Task<AdvisoryLock?> TryTakeRefundAsync(NpgsqlDataSource dataSource, string transactionId, CancellationToken cancellationToken) =>
        TryTakeAsync(dataSource, RefundClass, StableHash(transactionId), cancellationToken);

    /// <summary>Whether the connection that holds the lock still answers: without it the lock is gone.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<bool> IsHeldAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand("SELECT 1", _connection);
            await command.ExecuteScalarAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        try
        {
            await using var command = new NpgsqlCommand("SELECT pg_advisory_unlock($1, $2)", _connection) { Parameters = { new() { Value = _class }, new() { Value = _key } } };
            await command.ExecuteScalarAsync();
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            // The server ends the lock with the session.
        }

        await _connection.DisposeAsync();
    }

    private static async Task<AdvisoryLock?> TryTakeAsync(NpgsqlDataSource dataSource, int lockClass, int key, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock($1, $2)", connection) { Parameters = { new() { Value = lockClass }, new() { Value = key } } };
            if (await command.ExecuteScalarAsync(cancellationToken) is true)
            {
                return new AdvisoryLock(connection, lockClass, key);
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    // FNV-1a: the same in every process, which string.GetHashCode is not.
    private static int StableHash(string text)
    {
        var hash = 2166136261;
        foreach (var character in text)
        {
            hash = unchecked((hash ^ character) * 16777619);
        }

        return unchecked((int)hash);
    }
}
