namespace BotGeneric.AppHost.Native;

/// <summary>How to start the three servers without the rest of the application.</summary>
public sealed record NativeServersOptions
{
    /// <summary>The folder for data, passwords and logs. Created when missing.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Whether the data is thrown away afterwards: the servers then trade durability for speed.</summary>
    public bool Ephemeral { get; init; }

    /// <summary>Which servers to start.</summary>
    public NativeServerKinds Kinds { get; init; } = NativeServerKinds.All;

    /// <summary>How long a server may take until it answers.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>The servers that the engine can run.</summary>
[Flags]
public enum NativeServerKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>PostgreSQL.</summary>
    Postgres = 1,

    /// <summary>Redis.</summary>
    Redis = 2,

    /// <summary>RabbitMQ.</summary>
    RabbitMq = 4,

    /// <summary>PostgreSQL, Redis and RabbitMQ.</summary>
    All = Postgres | Redis | RabbitMq,
}

/// <summary>
/// PostgreSQL, Redis and RabbitMQ as plain processes on free loopback ports, for tests and tools. They end when this object is disposed
/// and, on Linux, also when the process that started them dies in whatever way.
/// </summary>
public sealed class NativeServers : IAsyncDisposable
{
    private readonly List<RunningServer> _running = [];
    private readonly List<LogFile> _logs = [];
    private readonly EngineLock _lock;
    private readonly ProcessRecords _records;

    private NativeServers(EngineLock engineLock, ProcessRecords records)
    {
        _lock = engineLock;
        _records = records;
    }

    /// <summary>Connection string of PostgreSQL's superuser, without a database; null when PostgreSQL was not asked for.</summary>
    public string? PostgresConnectionString { get; private set; }

    /// <summary>Connection string of Redis, in the form of StackExchange.Redis; null when Redis was not asked for.</summary>
    public string? RedisConnectionString { get; private set; }

    /// <summary>AMQP URI of RabbitMQ's administrator; null when RabbitMQ was not asked for.</summary>
    public string? RabbitMqConnectionString { get; private set; }

    /// <summary>Starts the servers and waits until every one of them answers.</summary>
    /// <exception cref="EngineException">A server is not installed, its data folder cannot be used, or it does not start.</exception>
    public static async Task<NativeServers> StartAsync(NativeServersOptions options, CancellationToken cancellationToken = default)
    {
        var data = new DataDirectory(options.DataFolder);
        var engineLock = EngineLock.Take(data);
        var servers = new NativeServers(engineLock, new ProcessRecords(data.Run));
        try
        {
            await servers._records.CleanUpAsync(options.Time, cancellationToken);
            await servers.StartAllAsync(data, options, cancellationToken);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the servers in an orderly way.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Task.WhenAll(_running.Select(server => server.StopAsync(CancellationToken.None)));
        }
        finally
        {
            _running.Clear();
            try
            {
                ProcessRecords.KillDescendants(new HashSet<string> { _records.RunId });
            }
            finally
            {
                _logs.ForEach(log => log.Dispose());
                _logs.Clear();
                _lock.Dispose();
            }
        }
    }

    private async Task StartAllAsync(DataDirectory data, NativeServersOptions options, CancellationToken cancellationToken)
    {
        var parameters = new ParameterStore(data.ParametersFile);
        var servers = new List<NativeServer>();
        if (options.Kinds.HasFlag(NativeServerKinds.Postgres))
        {
            var postgres = new PostgresServer("postgres", parameters.GetOrAdd("postgres-password", GeneratedPassword.New), data, options.Ephemeral);
            PostgresConnectionString = postgres.ConnectionString;
            servers.Add(postgres);
        }

        if (options.Kinds.HasFlag(NativeServerKinds.Redis))
        {
            var redis = new RedisServer("redis", parameters.GetOrAdd("redis-password", GeneratedPassword.New), data, options.Ephemeral);
            RedisConnectionString = redis.ConnectionString;
            servers.Add(redis);
        }

        if (options.Kinds.HasFlag(NativeServerKinds.RabbitMq))
        {
            var rabbitMq = new RabbitMqServer("rabbitmq", parameters.GetOrAdd("rabbitmq-password", GeneratedPassword.New), data);
            RabbitMqConnectionString = rabbitMq.ConnectionString;
            servers.Add(rabbitMq);
        }

        await Task.WhenAll(servers.Select(server => StartOneAsync(server, data, options, cancellationToken)));
    }

    private async Task StartOneAsync(NativeServer server, DataDirectory data, NativeServersOptions options, CancellationToken cancellationToken)
    {
        var log = new LogFile(data.Logs, server.Name);
        lock (_logs)
        {
            _logs.Add(log);
        }

        var running = await RunningServer.StartAsync(server, _records, options.Time, log.Write, cancellationToken);
        lock (_running)
        {
            _running.Add(running);
        }

        await running.WaitUntilHealthyAsync(options.StartTimeout, options.Time, cancellationToken);
    }
}
