using BotGeneric.Messaging.Data;
using MassTransit;

namespace BotGeneric.Messaging.Inbox;

/// <summary>A handler that is attached to a queue.</summary>
internal interface IEventConsumer
{
    Type EventType { get; }

    string QueueName { get; }

    /// <summary>The topology's entry for the queue; set when the service's registrations are checked.</summary>
    ConsumerQueue Queue { get; set; }

    /// <summary>Attaches the handler to the queue's endpoint.</summary>
    void Attach(IRabbitMqReceiveEndpointConfigurator endpoint, IServiceProvider services);

    /// <summary>Runs the handler for a dead letter, with its inbox entry, and marks the dead letter replayed in the same transaction.</summary>
    Task ReplayAsync(DeadLetter letter, string replayedBy, IServiceProvider services, CancellationToken cancellationToken);
}
