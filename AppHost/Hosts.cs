using Microsoft.Extensions.Hosting;

namespace BotGeneric.AppHost;

/// <summary>Adds the processes of the system, each with what every one of them has.</summary>
internal sealed class Hosts(
    IDistributedApplicationBuilder builder, IResourceBuilder<PostgresServerResource> postgres, IResourceBuilder<RabbitMQServerResource> rabbitMq)
{
    private readonly List<IResourceBuilder<ProjectResource>> _all = [];

    /// <summary>Every process that was added so far.</summary>
    public IReadOnlyList<IResourceBuilder<ProjectResource>> All => _all;

    /// <summary>A process that answers over HTTP.</summary>
    /// <param name="name">One of <see cref="ResourceNames"/>.</param>
    /// <param name="projectPath">Its project, relative to this one.</param>
    /// <param name="port">A fixed port; null for any.</param>
    /// <param name="isExternal">Whether browsers reach it.</param>
    public IResourceBuilder<ProjectResource> Add(string name, string projectPath, int? port = null, bool isExternal = false)
    {
        var host = builder.AddProject(name, projectPath, launchProfileName: null)
            .WithHttpEndpoint(port: port, targetPort: port, isProxied: port is null);
        if (isExternal)
        {
            // Before the management endpoint is there: it must stay inside.
            host.WithExternalHttpEndpoints();
        }

        host.WithHttpEndpoint(name: "management", env: "Management__Port")
            .WithHttpHealthCheck("/health")
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName);
        _all.Add(host);
        return host;
    }

    /// <summary>A service that owns a database and takes part in the exchange of events.</summary>
    /// <param name="name">One of <see cref="ResourceNames"/>.</param>
    /// <param name="projectPath">Its project, relative to this one.</param>
    /// <param name="databaseName">Its database.</param>
    public IResourceBuilder<ProjectResource> AddService(string name, string projectPath, string databaseName) =>
        // A thread without work would look for some for a while before it sleeps, and take the time from the other services on a machine with few cores (docs/performance.md).
        WithDatabase(Add(name, projectPath), databaseName).WithReference(rabbitMq).WaitFor(rabbitMq)
            .WithEnvironment("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "0");

    /// <summary>The gateway: what everybody reaches. It hears of revocations from the broker and starts without it.</summary>
    /// <param name="projectPath">Its project, relative to this one.</param>
    /// <param name="port">Its port; 0 for any.</param>
    public IResourceBuilder<ProjectResource> AddGateway(string projectPath, int port) =>
        WithRoomForNewObjects(WithDatabase(
            Add(ResourceNames.Gateway, projectPath, port == 0 ? null : port, isExternal: true), ResourceNames.GatewayDatabase).WithReference(rabbitMq));

    // 64 MiB for new objects instead of a part of the processor's cache: less often collected, a tenth less processor time for a request (docs/performance.md).
    private static IResourceBuilder<ProjectResource> WithRoomForNewObjects(IResourceBuilder<ProjectResource> host) =>
        host.WithEnvironment("DOTNET_GCgen0size", "0x4000000");

    private IResourceBuilder<ProjectResource> WithDatabase(IResourceBuilder<ProjectResource> host, string databaseName)
    {
        var database = postgres.AddDatabase(databaseName);
        host.WithReference(database).WaitFor(database);
        // In production migrations are a step of the deployment: the service is started once with --migrate.
        return builder.Environment.IsProduction() ? host : host.WithEnvironment("Database__MigrateOnStart", "true");
    }
}
