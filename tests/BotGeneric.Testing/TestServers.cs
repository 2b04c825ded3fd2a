using BotGeneric.AppHost.Native;

namespace BotGeneric.Testing;

/// <summary>
/// PostgreSQL, Redis and RabbitMQ for tests. A connection string in the environment wins; else the native engine starts the server in a
/// temporary folder, once per test process, and it ends with that process, however it ends. With neither a server nor a connection string
/// the tests fail with the command that installs the server: they are never skipped.
/// </summary>
public static class TestServers
{
    /// <summary>Environment variable: connection string of a PostgreSQL superuser, without a database.</summary>
    public const string PostgresVariable = "BOTGENERIC_TEST_POSTGRES";

    /// <summary>Environment variable: connection string of Redis, in the form of StackExchange.Redis.</summary>
    public const string RedisVariable = "BOTGENERIC_TEST_REDIS";

    /// <summary>Environment variable: AMQP URI of a RabbitMQ administrator.</summary>
    public const string RabbitMqVariable = "BOTGENERIC_TEST_RABBITMQ";

    private static readonly Lazy<Task<string>> Postgres = Server(
        PostgresVariable, NativeServerKinds.Postgres, servers => servers.PostgresConnectionString);

    private static readonly Lazy<Task<string>> Redis = Server(
        RedisVariable, NativeServerKinds.Redis, servers => servers.RedisConnectionString);

    private static readonly Lazy<Task<string>> RabbitMq = Server(
        RabbitMqVariable, NativeServerKinds.RabbitMq, servers => servers.RabbitMqConnectionString);

    /// <summary>Connection string of PostgreSQL's superuser, without a database. See <see cref="TestDatabase"/> for one.</summary>
    public static Task<string> PostgresAsync() => Postgres.Value;

    /// <summary>Connection string of Redis, in the form of StackExchange.Redis. Shared by every test: use keys of your own.</summary>
    public static Task<string> RedisAsync() => Redis.Value;

    /// <summary>AMQP URI of RabbitMQ's administrator. Shared by every test: use names of your own.</summary>
    public static Task<string> RabbitMqAsync() => RabbitMq.Value;

    private static Lazy<Task<string>> Server(string variable, NativeServerKinds kind, Func<NativeServers, string?> connectionString) =>
        new(async () =>
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given)
            {
                return given;
            }

            var folder = new TemporaryFolder("tests");
            var servers = await NativeServers.StartAsync(new NativeServersOptions { DataFolder = folder.Path, Ephemeral = true, Kinds = kind });
            AppDomain.CurrentDomain.ProcessExit += (_, _) =>
            {
                // The process is ending: nothing else can be awaited any more.
                servers.DisposeAsync().AsTask().GetAwaiter().GetResult();
                folder.Dispose();
            };
            return connectionString(servers)!;
        });
}
