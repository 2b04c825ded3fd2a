using Npgsql;

namespace BotGeneric.Testing;

/// <summary>A PostgreSQL database that exists for one test class, and the login that owns it, as a service has in the application.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private const int LongestIdentifier = 63;

    private readonly string _server;

    private TestDatabase(string server, string name)
    {
        _server = server;
        Name = name;
        ConnectionString = Owner(server, name);
    }

    /// <summary>The name of the database and of the login that owns it.</summary>
    public string Name { get; }

    /// <summary>Connects as the owner of the database, who can reach no other.</summary>
    public string ConnectionString { get; }

    /// <summary>Connects to the database as the server's superuser.</summary>
    public string SuperUserConnectionString => new NpgsqlConnectionStringBuilder(_server) { Database = Name }.ConnectionString;

    /// <summary>Creates an empty database.</summary>
    /// <param name="name">What the database is for: the start of its name, which is made unique.</param>
    /// <param name="cancellationToken">Cancels the creation.</param>
    public static async Task<TestDatabase> CreateAsync(string name, CancellationToken cancellationToken = default)
    {
        var server = await TestServers.PostgresAsync();
        var unique = $"{name.ToLowerInvariant()}-{Guid.CreateVersion7():N}";
        var database = new TestDatabase(server, unique.Length <= LongestIdentifier ? unique : unique[^LongestIdentifier..]);
        await database.ExecuteAsync($"create role \"{database.Name}\" login password '{database.Name}'", cancellationToken);
        await database.ExecuteAsync($"create database \"{database.Name}\" owner \"{database.Name}\"", cancellationToken);
        await database.ExecuteAsync($"revoke connect on database \"{database.Name}\" from public", cancellationToken);
        return database;
    }

    /// <summary>Drops the database, even when something is still connected to it.</summary>
    public async ValueTask DisposeAsync()
    {
        await ExecuteAsync($"drop database if exists \"{Name}\" with (force)", CancellationToken.None);
        await ExecuteAsync($"drop role if exists \"{Name}\"", CancellationToken.None);
    }

    private static string Owner(string server, string name) => new NpgsqlConnectionStringBuilder(server)
    {
        Database = name,
        Username = name,
        Password = name,
        // A pool that outlives its database would hold connections of a server that all test classes share.
        ConnectionIdleLifetime = 10,
        ConnectionPruningInterval = 5,
    }.ConnectionString;

    private async Task ExecuteAsync(string statement, CancellationToken cancellationToken)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(_server) { Database = "postgres", Pooling = false }.ConnectionString;
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
