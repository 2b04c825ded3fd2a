using BotGeneric.AppHost.Native;
using BotGeneric.Testing;
using Npgsql;
using RabbitMQ.Client;

namespace BotGeneric.AppHost.Tests;

public sealed class ServerTests
{
    [Fact]
    public async Task Data_survives_a_restart_and_a_login_reaches_its_own_database_only()
    {
        using var folder = new TemporaryFolder("survival");
        await using (var application = await AppHostProcess.StartAsync(TestApplication.Scenario("postgres", folder.Path)))
        {
            await ExecuteAsync(application.State.ConnectionStrings["one-db"], "create table kept (value int); insert into kept values (42)");
        }

        await using var again = await AppHostProcess.StartAsync(TestApplication.Scenario("postgres", folder.Path));

        var own = again.State.ConnectionStrings["one-db"];
        Assert.Equal(42, await ExecuteAsync(own, "select value from kept"));
        var foreign = new NpgsqlConnectionStringBuilder(own) { Database = "two-db" }.ConnectionString;
        var refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(foreign, "select 1"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Servers_listen_on_loopback_only_and_leave_nothing_behind()
    {
        using var folder = new TemporaryFolder("loopback");
        List<TestApplication.Snapshot> processes;
        await using (var servers = await NativeServers.StartAsync(new NativeServersOptions { DataFolder = folder.Path, Ephemeral = true }))
        {
            processes = [.. new ProcessRecords(Path.Combine(folder.Path, "run")).All().Select(record => TestApplication.Snapshot.Of(record.ProcessId))];
            Assert.Equal(4, processes.Count);
            Assert.All(processes, process => Assert.True(process.IsAlive));
            Assert.All(processes, process => Assert.All(ListeningAddresses(process.ProcessId), address => Assert.Equal("0100007F", address)));
            await AssertAnswersAsync(servers);
        }

        Assert.All(processes, process => Assert.False(process.IsAlive));
    }

    [Fact]
    public async Task A_test_database_belongs_to_its_test_and_is_dropped_afterwards()
    {
        string name;
        await using (var database = await TestDatabase.CreateAsync("engine"))
        {
            name = database.Name;
            Assert.Equal(1, await ExecuteAsync(database.ConnectionString, "create table t (v int); insert into t values (1); select v from t"));
        }

        var server = await TestServers.PostgresAsync() + ";Database=postgres;Pooling=false";
        Assert.Equal(0L, await ExecuteAsync(server, $"select count(*) from pg_database where datname = '{name}'"));
    }

    private static async Task AssertAnswersAsync(NativeServers servers)
    {
        Assert.Equal(1, await ExecuteAsync(servers.PostgresConnectionString + ";Database=postgres;Pooling=false", "select 1"));
        await using var connection = await new ConnectionFactory { Uri = new Uri(servers.RabbitMqConnectionString!) }.CreateConnectionAsync();
        Assert.True(connection.IsOpen);
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string statement)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteScalarAsync();
    }

    // In /proc/net/tcp an address is hexadecimal in host order; state 0A is "listening".
    private static List<string> ListeningAddresses(int processId)
    {
        var sockets = Directory.GetFiles($"/proc/{processId}/fd").Select(file => new FileInfo(file).LinkTarget ?? "").ToHashSet();
        return [.. new[] { "/proc/net/tcp", "/proc/net/tcp6" }.SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[3] == "0A" && sockets.Contains($"socket:[{fields[9]}]"))
            .Select(fields => fields[1].Split(':')[0])];
    }
}
