using System.Diagnostics;
using System.Text.Json;
using BotGeneric.Messaging.Bus;
using BotGeneric.Messaging.Topology;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace BotGeneric.Messaging.Outbox;

/// <summary>
/// Publishes outbox rows with confirms, over a connection of its own: RabbitMQ slows down connections that publish too fast, and consumers on
/// the same one would be slowed with them. Published directly rather than through MassTransit, for the confirm of each message, for
/// <c>mandatory</c>, and because a row is already JSON.
/// </summary>
internal sealed class BrokerPublisher(MessagingRegistry registry, BrokerEndpoint endpoint, BrokerState state, TimeProvider time, ILogger<BrokerPublisher> logger)
    : IAsyncDisposable
{
    private IConnection? _connection;
    private IChannel? _channel;

    /// <summary>Connects if need be, and declares every queue that hears this service before anything is published.</summary>
    /// <exception cref="BrokerUnavailableException">The broker cannot be reached or refuses the declarations.</exception>
    public async Task EnsureConnectedAsync(CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true })
            return;

        await CloseAsync();
        try
        {
            _connection = await endpoint.ConnectAsync($"{registry.Service} outbox", cancellationToken);
            await using (var declaring = await _connection.CreateChannelAsync(cancellationToken: cancellationToken))
                await TopologyDeclarer.DeclareAsync(declaring, registry.PublishedRoutes, cancellationToken);
            // The limiter of unconfirmed messages is the batch size: a round awaits all its confirms.
            _channel = await _connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null),
                cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            state.PublisherDown(exception);
            await CloseAsync();
            throw new BrokerUnavailableException("The broker cannot be reached.", exception);
        }

        state.PublisherUp();
        Log.PublisherConnected(logger, registry.PublishedRoutes.Count);
    }

    /// <summary>Publishes one row and waits for the broker's answer.</summary>
    /// <exception cref="BrokerUnavailableException">There was no answer; the message may or may not be with the broker.</exception>
    public async Task<PublishResult> PublishAsync(OutboxRow row, CancellationToken cancellationToken)
    {
        if (!registry.TryGetPublished(row.Type, out var route))
            return PublishResult.UnknownType;

        var stored = TraceContext.Parse(row.TraceParent, row.TraceState);
        using var activity = MessagingDiagnostics.Activities.StartActivity($"publish {row.Type}", ActivityKind.Producer, stored);
        activity?.SetTag("messaging.system", "rabbitmq")
            .SetTag("messaging.destination.name", row.Type)
            .SetTag("messaging.message.id", row.Id.ToString());

        ReadOnlyMemory<byte> body;
        try
        {
            body = Envelope.Write(row, time.GetUtcNow());
        }
        catch (JsonException exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            return PublishResult.Malformed;
        }

        if (body.Length > OutboxLimits.MaxBodyBytes + 4096)
            return PublishResult.Malformed;

        try
        {
            var channel = _channel ?? throw new BrokerUnavailableException("The channel is closed.", null);
            // Mandatory, so that a message without a queue comes back. An event that nobody hears, by the topology, may vanish.
            await channel.BasicPublishAsync(
                row.Type, "", mandatory: route.Queues.Count > 0, Properties(row, activity?.Context ?? stored), body, cancellationToken);
            return PublishResult.Confirmed;
        }
        catch (PublishException exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.IsReturn ? "returned" : "refused");
            return exception.IsReturn ? PublishResult.Unroutable : PublishResult.Refused;
        }
        catch (Exception exception) when (exception is not BrokerUnavailableException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            throw new BrokerUnavailableException("The broker did not confirm.", exception);
        }
    }

    /// <summary>Drops the connection, so that the next round connects and declares anew.</summary>
    public async Task ResetAsync(Exception? reason)
    {
        if (reason is not null)
            state.PublisherDown(reason);
        await CloseAsync();
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private static BasicProperties Properties(OutboxRow row, ActivityContext trace)
    {
        var properties = new BasicProperties
        {
            MessageId = row.Id.ToString(),
            ContentType = Envelope.ContentType,
            DeliveryMode = DeliveryModes.Persistent,
            Timestamp = new AmqpTimestamp(row.CreatedAt.ToUnixTimeSeconds()),
            Headers = new Dictionary<string, object?>(3),
        };
        if (TraceContext.Format(trace) is { } parent)
        {
            properties.Headers[TraceContext.ParentHeader] = parent;
            properties.Headers[TraceContext.MassTransitHeader] = parent;
            if (!string.IsNullOrEmpty(trace.TraceState))
                properties.Headers[TraceContext.StateHeader] = trace.TraceState;
        }

        return properties;
    }

    private async Task CloseAsync()
    {
        var (channel, connection) = (_channel, _connection);
        (_channel, _connection) = (null, null);
        await BrokerEndpoint.DisposeQuietlyAsync(logger, channel);
        await BrokerEndpoint.DisposeQuietlyAsync(logger, connection);
    }
}
