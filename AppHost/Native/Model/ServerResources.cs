namespace BotGeneric.AppHost.Native;

/// <summary>A server that the engine starts from the system's packages.</summary>
public abstract class ServerResource : Resource, IResourceWithConnectionString, IResourceWithEnvironment, IResourceWithWaitSupport
{
    private NativeServer? _server;

    private protected ServerResource(string name, ParameterResource password) : base(name) => PasswordParameter = password;

    /// <summary>The password that the engine sets and connects with.</summary>
    public ParameterResource PasswordParameter { get; }

    /// <inheritdoc />
    public string ValueExpression => $"{{{Name}.connectionString}}";

    internal NativeServer Server => _server ?? throw new InvalidOperationException($"'{Name}' has no address before the application runs.");

    /// <inheritdoc />
    public abstract ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);

    internal async Task<NativeServer> CreateServerAsync(DataDirectory data, ParameterStore parameters, CancellationToken cancellationToken)
    {
        var password = ServerPassword.Require(PasswordParameter.Name, await PasswordParameter.GetValueAsync(cancellationToken));
        return _server = Create(data, password, parameters);
    }

    private protected abstract NativeServer Create(DataDirectory data, string password, ParameterStore parameters);
}

/// <summary>A PostgreSQL server.</summary>
public sealed class PostgresServerResource(string name, ParameterResource password) : ServerResource(name, password)
{
    internal List<PostgresDatabaseResource> Databases { get; } = [];

    /// <inheritdoc />
    public override ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        new(((PostgresServer)Server).ConnectionString);

    private protected override NativeServer Create(DataDirectory data, string password, ParameterStore parameters)
    {
        var server = new PostgresServer(Name, password, data, ephemeral: false);
        foreach (var database in Databases)
        {
            var parameter = $"{database.Name}-password";
            server.AddDatabase(database.DatabaseName, ServerPassword.Require(parameter, parameters.GetOrAdd(parameter, GeneratedPassword.New)));
        }

        return server;
    }
}

/// <summary>A database of a PostgreSQL server, with a login of its own that can reach no other database.</summary>
public sealed class PostgresDatabaseResource(string name, string databaseName, PostgresServerResource parent)
    : Resource(name), IResourceWithParent, IResourceWithConnectionString
{
    /// <summary>The name inside the server.</summary>
    public string DatabaseName { get; } = databaseName;

    /// <summary>The server.</summary>
    public PostgresServerResource Parent { get; } = parent;

    IResource IResourceWithParent.Parent => Parent;

    /// <inheritdoc />
    public string ValueExpression => $"{{{Name}.connectionString}}";

    /// <inheritdoc />
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        new(((PostgresServer)Parent.Server).ConnectionStringOf(DatabaseName));
}

/// <summary>A Redis server.</summary>
public sealed class RedisResource(string name, ParameterResource password) : ServerResource(name, password)
{
    /// <inheritdoc />
    public override ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        new(((RedisServer)Server).ConnectionString);

    private protected override NativeServer Create(DataDirectory data, string password, ParameterStore parameters) =>
        new RedisServer(Name, password, data, ephemeral: false);
}

/// <summary>A RabbitMQ broker.</summary>
public sealed class RabbitMQServerResource(string name, ParameterResource password) : ServerResource(name, password)
{
    /// <inheritdoc />
    public override ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        new(((RabbitMqServer)Server).ConnectionString);

    private protected override NativeServer Create(DataDirectory data, string password, ParameterStore parameters) =>
        new RabbitMqServer(Name, password, data);
}
