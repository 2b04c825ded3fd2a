using System.Text.Json;
using BotGeneric.Contracts;
using BotGeneric.Messaging.Data;
using BotGeneric.Messaging.DeadLetters;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BotGeneric.Messaging.Inbox;

/// <summary>Attaches a handler, single or batch, to its queue through MassTransit.</summary>
internal sealed class EventConsumer<TEvent, TDbContext>(
    string queueName, EventEffect<TEvent, TDbContext> effect, int concurrency, BatchConsumerOptions? batch) : IEventConsumer
    where TEvent : class, IIntegrationEvent
    where TDbContext : DbContext
{
    public Type EventType => typeof(TEvent);

    public string QueueName => queueName;

    public ConsumerQueue Queue { get; set; } = new(queueName);

    public void Attach(IRabbitMqReceiveEndpointConfigurator endpoint, IServiceProvider services)
    {
        var consumer = new MessageConsumer<TEvent, TDbContext>(
            queueName, Inbox(services), services.GetRequiredService<OutageHold>(), services.GetRequiredService<DeadLetterWriter>(),
            services.GetRequiredService<IOptions<MessagingOptions>>(), services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>().CreateLogger($"{MessagingDiagnostics.Name}.{queueName}"));

        if (batch is null)
        {
            // One in flight is what keeps order: a message that is given back must not be overtaken by one that was fetched ahead.
            var parallel = Queue.Ordered ? 1 : concurrency;
            endpoint.ConcurrentMessageLimit = parallel;
            endpoint.PrefetchCount = Queue.Ordered ? 1 : parallel * 2;
            endpoint.Consumer(() => new Single(consumer));
            return;
        }

        var batches = Queue.Ordered ? 1 : batch.Concurrency;
        // Below limit × concurrency the broker stops delivering before a batch is full, and every batch waits for its time limit.
        endpoint.PrefetchCount = batch.MessageLimit * batches;
        endpoint.ConcurrentMessageLimit = batch.MessageLimit * batches;
        endpoint.Batch<TEvent>(configurator =>
        {
            configurator.MessageLimit = batch.MessageLimit;
            configurator.TimeLimit = batch.TimeLimit;
            configurator.ConcurrencyLimit = batches;
            configurator.Consumer(() => new Many(consumer));
        });
    }

    public async Task ReplayAsync(DeadLetter letter, string replayedBy, IServiceProvider services, CancellationToken cancellationToken)
    {
        var time = services.GetRequiredService<TimeProvider>();
        var received = new ReceivedEvent<TEvent>(Read(letter), TraceContext.Parse(letter.TraceParent, letter.TraceState));
        await Inbox(services).ApplyAsync(
            [received],
            (connection, transaction) =>
                DeadLetterSql.MarkReplayedAsync(connection, transaction, letter.Id, time.GetUtcNow(), replayedBy, cancellationToken),
            cancellationToken);
    }

    private InboxTransaction<TEvent, TDbContext> Inbox(IServiceProvider services) =>
        new(services.GetRequiredService<IServiceScopeFactory>(), services.GetRequiredService<TimeProvider>(), queueName, effect);

    private static TEvent Read(DeadLetter letter)
    {
        using var envelope = JsonDocument.Parse(letter.Body);
        var message = envelope.RootElement.ValueKind == JsonValueKind.Object && envelope.RootElement.TryGetProperty("message", out var inner)
            ? inner.Deserialize<TEvent>(EventJson.Options)
            : null;
        if (message is null || message.EventId == Guid.Empty)
            throw new UnprocessableEventException("The message holds no event with an id.");
        return message;
    }

    private sealed class Single(MessageConsumer<TEvent, TDbContext> consumer) : IConsumer<TEvent>
    {
        public Task Consume(ConsumeContext<TEvent> context) =>
            consumer.ConsumeAsync([IncomingMessage<TEvent>.From(context)], context.CancellationToken);
    }

    private sealed class Many(MessageConsumer<TEvent, TDbContext> consumer) : IConsumer<Batch<TEvent>>
    {
        public Task Consume(ConsumeContext<Batch<TEvent>> context) =>
            consumer.ConsumeAsync([.. context.Message.Select(IncomingMessage<TEvent>.From)], context.CancellationToken);
    }
}
