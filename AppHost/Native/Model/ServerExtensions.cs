namespace BotGeneric.AppHost.Native;

/// <summary>Adds PostgreSQL to an application.</summary>
public static class PostgresBuilderExtensions
{
    /// <summary>Adds a PostgreSQL server. Its password is generated once unless <paramref name="password"/> is given.</summary>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null, int? port = null) =>
        builder.AddResource(new PostgresServerResource(
            name, password?.Resource ?? ParameterResourceBuilderExtensions.CreatePassword(builder, $"{name}-password")));

    /// <summary>Adds a database, and a login that owns it.</summary>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
    {
        var database = new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
        builder.Resource.Databases.Add(database);
        return builder.ApplicationBuilder.AddResource(database);
    }

    /// <summary>Keeps the data from one start to the next, which this engine always does.</summary>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(
        this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) => builder;
}

/// <summary>Adds Redis to an application.</summary>
public static class RedisBuilderExtensions
{
    /// <summary>Adds a Redis server. Its password is generated once unless <paramref name="password"/> is given.</summary>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null) =>
        builder.AddResource(new RedisResource(
            name, password?.Resource ?? ParameterResourceBuilderExtensions.CreatePassword(builder, $"{name}-password")));

    /// <summary>Keeps the data from one start to the next, which this engine always does.</summary>
    public static IResourceBuilder<RedisResource> WithDataVolume(
        this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false) => builder;

    /// <summary>Keeps the data through a restart, which this engine always does: every write goes to an append-only file.</summary>
    public static IResourceBuilder<RedisResource> WithPersistence(
        this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1) => builder;
}

/// <summary>Adds RabbitMQ to an application.</summary>
public static class RabbitMQBuilderExtensions
{
    /// <summary>Adds a RabbitMQ broker. Its password is generated once unless <paramref name="password"/> is given.</summary>
    public static IResourceBuilder<RabbitMQServerResource> AddRabbitMQ(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null, int? port = null) =>
        builder.AddResource(new RabbitMQServerResource(
            name, password?.Resource ?? ParameterResourceBuilderExtensions.CreatePassword(builder, $"{name}-password")));

    /// <summary>Keeps the data from one start to the next, which this engine always does.</summary>
    public static IResourceBuilder<RabbitMQServerResource> WithDataVolume(
        this IResourceBuilder<RabbitMQServerResource> builder, string? name = null, bool isReadOnly = false) => builder;
}
