using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace BotGeneric.Messaging.Bus;

/// <summary>Where the broker is: the connection string <c>rabbitmq</c>, an AMQP URI.</summary>
internal sealed class BrokerEndpoint(Uri uri)
{
    public Uri Uri { get; } = uri;

    private static readonly TimeSpan DefaultHeartbeat = TimeSpan.FromSeconds(20);

    public Task<IConnection> ConnectAsync(string name, CancellationToken cancellationToken, TimeSpan? heartbeat = null)
    {
        var factory = new ConnectionFactory
        {
            Uri = Uri,
            ClientProvidedName = name,
            // The callers reconnect by themselves, after declaring the topology again; a recovery behind their back would skip that.
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedHeartbeat = heartbeat ?? DefaultHeartbeat,
            RequestedConnectionTimeout = TimeSpan.FromSeconds(10),
        };
        return factory.CreateConnectionAsync(cancellationToken);
    }

    /// <summary>Closing what is broken already may fail, and nothing depends on it.</summary>
    public static async Task DisposeQuietlyAsync(ILogger logger, IAsyncDisposable? resource)
    {
        if (resource is null)
            return;
        try
        {
            await resource.DisposeAsync();
        }
        catch (Exception exception)
        {
            Log.CloseFailed(logger, exception);
        }
    }
}
