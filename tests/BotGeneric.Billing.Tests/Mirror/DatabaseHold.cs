using BotGeneric.Testing;
using Npgsql;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>A lock of the test's in Billing's database, and who waits for it.</summary>
internal sealed class DatabaseHold : IAsyncDisposable
{
    private readonly NpgsqlConnection _holder;
    private readonly NpgsqlConnection _watcher;
    private readonly string _waiting;
    private int[] _stopped = [];

    private DatabaseHold(NpgsqlConnection holder, NpgsqlConnection watcher, string filter)
    {
        (_holder, _watcher) = (holder, watcher);
        _waiting = $"SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE a.datname = current_database() AND NOT l.granted AND {filter}";
    }

    /// <summary>Takes a lock.</summary>
    /// <param name="database">Billing's.</param>
    /// <param name="filter">The lock, as <c>l</c> in <c>pg_locks</c>.</param>
    /// <param name="sql">Takes it.</param>
    /// <param name="behind">Is let go once the lock is asked for.</param>
    public static async Task<DatabaseHold> TakeAsync(TestDatabase database, string filter, string sql, DatabaseHold? behind = null)
    {
        var hold = new DatabaseHold(await ConnectAsync(database), await ConnectAsync(database), filter);
        var taken = ExecuteAsync(hold._holder, sql);
        if (behind is not null)
        {
            await Eventually.GetAsync(() => hold.WaitingAsync($"l.pid = {hold._holder.ProcessID}"), own => own.Length == 1, "the lock to stand in the queue");
            await behind.LetGoAsync();
        }

        await taken;
        return hold;
    }

    /// <summary>Waits until somebody of Billing's has come and stands still.</summary>
    /// <param name="who">Who, as a condition on <c>l</c>.</param>
    public async Task StoppedAsync(string who = "true") => _stopped = await Eventually.GetAsync(
        () => WaitingAsync($"l.pid <> {_holder.ProcessID} AND {who}"), waiting => waiting.Length > 0, "Billing to come to the step");

    /// <summary>Lets go. What a process has asked for, the server now does, whether the process is still there or not.</summary>
    public ValueTask LetGoAsync() => _holder.DisposeAsync();

    /// <summary>Commits what was done under the lock, and lets go.</summary>
    public async Task CommitAsync()
    {
        await ExecuteAsync(_holder, "COMMIT");
        await LetGoAsync();
    }

    /// <summary>Lets go, and waits until the server has done what was asked and noticed that nobody is there.</summary>
    public async Task EndAsync()
    {
        await LetGoAsync();
        await GoneAsync();
    }

    /// <summary>The server notices first that nobody is there, and drops what was asked.</summary>
    public async Task CutAsync()
    {
        await using (var command = new NpgsqlCommand("SELECT count(pg_terminate_backend(pid)) FROM unnest($1) AS pid", _watcher) { Parameters = { new() { Value = _stopped } } })
        {
            await command.ExecuteScalarAsync();
        }

        await GoneAsync();
        await LetGoAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _holder.DisposeAsync();
        await _watcher.DisposeAsync();
    }

    // Not from a pool: a lock ends with its connection.
    internal static async Task<NpgsqlConnection> ConnectAsync(TestDatabase database)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.SuperUserConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    internal static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<int[]> WaitingAsync(string who)
    {
        await using var command = new NpgsqlCommand($"{_waiting} AND {who}", _watcher);
        await using var reader = await command.ExecuteReaderAsync();
        var waiting = new List<int>();
        while (await reader.ReadAsync())
        {
            waiting.Add(reader.GetInt32(0));
        }

        return [.. waiting];
    }

    private Task GoneAsync() => Eventually.EqualAsync(
        0L,
        async () =>
        {
            await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY ($1)", _watcher) { Parameters = { new() { Value = _stopped } } };
            return (long)(await command.ExecuteScalarAsync())!;
        },
        "connections of the dead process");
}
