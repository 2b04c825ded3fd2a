using BotGeneric.Messaging.DeadLetters;
using BotGeneric.Messaging.Topology;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BotGeneric.Messaging.Bus;

/// <summary>
/// MassTransit's bus with one endpoint per consumed queue, and nothing else: no temporary queues, no requests, no usage telemetry (that comes
/// with its container registration, which is not used). Built and started here, so that no service sees a type of MassTransit.
/// </summary>
internal sealed class ConsumerBus(
    MessagingRegistry registry, BrokerEndpoint endpoint, IServiceProvider services, IOptions<MessagingOptions> options, TimeProvider time,
    DeadLetterWriter deadLetters, ILoggerFactory loggers, ILogger<ConsumerBus> logger)
    : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan DisposeTimeout = TimeSpan.FromSeconds(5);

    // Never disposed: the container disposes this object once per registration, and a source without a timer holds nothing.
    private readonly CancellationTokenSource _stopping = new();
    private IBusControl? _bus;
    private Task _starting = Task.CompletedTask;

    /// <summary>Whether every endpoint takes messages; true when there is nothing to consume.</summary>
    public bool IsHealthy => registry.Consumers.Count == 0 || Volatile.Read(ref _bus)?.CheckHealth().Status == BusHealthStatus.Healthy;

    /// <summary>Whether the endpoints have been up once.</summary>
    public bool WasStarted => registry.Consumers.Count == 0 || _starting.IsCompletedSuccessfully;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (registry.Consumers.Count == 0)
            return;
        _starting = Task.Run(() => StartWithPatienceAsync(_stopping.Token), CancellationToken.None);
        if (options.Value.WaitUntilStarted)
            await _starting.WaitAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _starting.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Interlocked.Exchange(ref _bus, null) is not { } bus)
            return;

        var started = time.GetTimestamp();
        try
        {
            await bus.StopAsync(cancellationToken).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A bus that does not stop ends with the process, which must not wait for it.
            Log.ConsumersNotStopped(logger, time.GetElapsedTime(started));
        }
    }

    /// <summary>A host may be disposed without being stopped; a bus that went on would take messages that it can no longer handle.</summary>
    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(DisposeTimeout, time);
        await StopAsync(timeout.Token);
    }

    private async Task StartWithPatienceAsync(CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                var bus = Create();
                Volatile.Write(ref _bus, bus);
                // The bus itself may not return from a broker that accepts a connection and then says nothing, whatever is cancelled.
                await bus.StartAsync(cancellationToken).WaitAsync(cancellationToken);
                Log.ConsumersStarted(logger, string.Join(", ", registry.Consumers.Select(c => c.QueueName)));
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                var delay = Backoff.Exponential(TimeSpan.FromMilliseconds(500), 2, failures, options.Value.MaxOutageDelay);
                Log.ConsumersFailed(logger, exception, delay);
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }

    private IBusControl Create()
    {
        LogContext.ConfigureCurrentLogContext(loggers);
        return MassTransit.Bus.Factory.CreateUsingRabbitMq(bus =>
        {
            bus.Host(RabbitMqAddress(endpoint.Uri), $"{registry.Service} consumers", host =>
            {
                host.Heartbeat(TimeSpan.FromSeconds(20));
                if (endpoint.Uri.Scheme == "amqps")
                    host.UseSsl(_ => { });
            });
            bus.ConfigureJsonSerializerOptions(_ => EventJson.Options);
            foreach (var consumer in registry.Consumers)
            {
                bus.ReceiveEndpoint(consumer.QueueName, queue =>
                {
                    queue.SetQuorumQueue();
                    queue.SetQueueArgument(TopologyDeclarer.DeliveryLimitArgument, TopologyDeclarer.DeliveryLimit);
                    if (consumer.Queue.Ordered)
                        queue.SingleActiveConsumer = true;
                    // Nobody consumes MassTransit's fault events; publishing them would only declare exchanges.
                    queue.PublishFaults = false;
                    queue.ConfigureError(pipe => pipe.UseFilter(new UnreadableMessageFilter(consumer.QueueName, deadLetters, time)));
                    queue.ConfigureDeadLetter(pipe => pipe.UseFilter(new UnexpectedMessageFilter(consumer.QueueName, deadLetters, time)));
                    consumer.Attach(queue, services);
                });
            }
        });
    }

    /// <summary>MassTransit's scheme for what RabbitMQ calls <c>amqp</c>; user, password, port and virtual host stay.</summary>
    private static Uri RabbitMqAddress(Uri amqp) =>
        new UriBuilder(amqp) { Scheme = "rabbitmq", Port = amqp.IsDefaultPort || amqp.Port < 0 ? (amqp.Scheme == "amqps" ? 5671 : 5672) : amqp.Port }.Uri;
}
