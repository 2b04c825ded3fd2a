using System.Globalization;
using Npgsql;

namespace BotGeneric.AppHost.Native;

/// <summary>PostgreSQL as a plain process: loopback only, password authentication, one login per database.</summary>
internal sealed class PostgresServer(string name, string password, DataDirectory data, bool ephemeral) : NativeServer(name)
{
    public const string SuperUser = "postgres";
    private const string InvalidPassword = "28P01";

    private readonly SystemUser? _user = SystemUser.ForServer("postgres");
    private readonly List<(string Database, string Password)> _databases = [];
    private PostgresInstallation? _installation;

    private string Cluster => Path.Combine(Folder, "data");

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username={SuperUser};Password={password}";

    public void AddDatabase(string database, string databasePassword) => _databases.Add((database, databasePassword));

    /// <summary>The connection string of the login that owns a database and can reach no other.</summary>
    public string ConnectionStringOf(string database) =>
        $"Host=127.0.0.1;Port={Port};Username={database};Password={_databases.Single(entry => entry.Database == database).Password};Database={database}";

    public override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        UseFolder(data, _user);
        if (!Directory.Exists(Cluster))
        {
            _installation = await PostgresInstallation.FindAsync(null, cancellationToken);
            await InitialiseAsync(_installation, cancellationToken);
            return;
        }

        var versionFile = Path.Combine(Cluster, "PG_VERSION");
        if (!File.Exists(versionFile)
            || !int.TryParse((await File.ReadAllTextAsync(versionFile, cancellationToken)).Trim(), CultureInfo.InvariantCulture, out var version))
        {
            throw UnusableData("PostgreSQL", Cluster, "it does not say which version made it");
        }

        _installation = await PostgresInstallation.FindAsync(version, cancellationToken);
    }

    public override IReadOnlyList<ProcessSpec> Processes() =>
    [
        new ProcessSpec
        {
            Name = Name,
            FileName = _installation!.Server,
            Arguments = ["-D", Cluster, .. Settings().SelectMany(setting => new[] { "-c", setting })],
            WorkingDirectory = Folder,
            HiddenVariablePrefixes = ["PG"],
            User = _user,
            StopSignal = Signal.Interrupt,
            OrphanSignal = Signal.Interrupt,
            Grace = TimeSpan.FromSeconds(15),
        },
    ];

    public override async Task<string?> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand("select 1", connection);
            return await command.ExecuteScalarAsync(cancellationToken) is 1 ? null : "select 1 did not answer 1";
        }
        catch (PostgresException exception) when (exception.SqlState == InvalidPassword)
        {
            throw UnusableData("PostgreSQL", Cluster, "it does not accept the password in parameters.json");
        }
        catch (NpgsqlException exception)
        {
            return exception.Message;
        }
    }

    public override async Task ProvisionAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        foreach (var (database, databasePassword) in _databases)
        {
            var verb = await ExistsAsync(connection, "select 1 from pg_roles where rolname = $1", database, cancellationToken) ? "alter" : "create";
            await ExecuteAsync(connection, $"{verb} role {Quote(database)} login password '{databasePassword}'", cancellationToken);
            if (!await ExistsAsync(connection, "select 1 from pg_database where datname = $1", database, cancellationToken))
            {
                await ExecuteAsync(connection, $"create database {Quote(database)} owner {Quote(database)}", cancellationToken);
            }

            await ExecuteAsync(connection, $"revoke connect on database {Quote(database)} from public", cancellationToken);
        }
    }

    private async Task InitialiseAsync(PostgresInstallation installation, CancellationToken cancellationToken)
    {
        // Made aside and renamed when complete: an interrupted first start leaves nothing that looks like a data folder.
        var unfinished = Path.Combine(Folder, "data.unfinished");
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        var passwordFile = Path.Combine(Folder, "initial-password");
        List<string> arguments =
        [
            "-D", unfinished, "-U", SuperUser, $"--pwfile={passwordFile}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8",
        ];
        if (ephemeral)
        {
            arguments.Add("--no-sync");
        }

        var command = new Command(installation.InitDb, arguments, _user) { WorkingDirectory = Folder };
        int exitCode;
        string output;
        try
        {
            PrivateFile.Write(passwordFile, password, _user);
            (exitCode, output) = await command.RunAsync(cancellationToken);
        }
        finally
        {
            File.Delete(passwordFile);
        }

        if (exitCode != 0)
        {
            throw UnusableData("PostgreSQL", Cluster, $"initdb ended with exit code {exitCode}: {output}");
        }

        Directory.Move(unfinished, Cluster);
    }

    private IEnumerable<string> Settings()
    {
        yield return $"port={Port}";
        yield return "listen_addresses=127.0.0.1";
        yield return "unix_socket_directories=";
        yield return "max_connections=400";
        yield return "logging_collector=off";
        yield return "log_line_prefix=%m [%p] %q%u@%d ";
        if (ephemeral)
        {
            // Data that is thrown away need not survive a power cut.
            yield return "fsync=off";
            yield return "synchronous_commit=off";
            yield return "full_page_writes=off";
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(ConnectionString + ";Database=postgres;Pooling=false;Timeout=3");
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string query, string value, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(query, connection) { Parameters = { new NpgsqlParameter { Value = value } } };
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"")}\"";
}
