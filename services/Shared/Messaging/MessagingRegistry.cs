using BotGeneric.Messaging.Inbox;

namespace BotGeneric.Messaging;

/// <summary>What a service says and hears, checked against the topology once at start.</summary>
internal sealed class MessagingRegistry
{
    private readonly Dictionary<Type, EventRoute> _published;
    private readonly Dictionary<string, EventRoute> _publishedByName;

    public MessagingRegistry(
        string service, IMessagingTopology topology, IEnumerable<Type> published, IReadOnlyList<IEventConsumer> consumers)
    {
        Service = service;
        Consumers = consumers;
        Routes = topology.Routes;
        _published = published.Distinct().ToDictionary(type => type, type => Route(topology, type));
        _publishedByName = _published.Values.ToDictionary(route => route.EventName);

        foreach (var consumer in consumers)
        {
            var route = Route(topology, consumer.EventType);
            consumer.Queue = route.Queues.FirstOrDefault(queue => queue.Name == consumer.QueueName)
                ?? throw new InvalidOperationException(
                    $"{service} consumes {route.EventName} from the queue '{consumer.QueueName}', which the messaging topology does not list for " +
                    "that event. Without the entry its publisher could publish before the queue exists, and the messages would be lost.");
        }

        var twice = consumers.GroupBy(consumer => consumer.QueueName).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw new InvalidOperationException($"{service} consumes the queue '{twice.Key}' twice; each handler needs its own queue to get every message.");
    }

    public string Service { get; }

    public IReadOnlyList<IEventConsumer> Consumers { get; }

    /// <summary>Every event on the wire, of this service or not.</summary>
    public IReadOnlyCollection<EventRoute> Routes { get; }

    public IReadOnlyCollection<EventRoute> PublishedRoutes => _published.Values;

    public bool TryGetPublished(string eventName, out EventRoute route) => _publishedByName.TryGetValue(eventName, out route!);

    public string PublishedName(Type eventType) =>
        _published.TryGetValue(eventType, out var route)
            ? route.EventName
            : throw new InvalidOperationException($"{eventType} is not registered; {Service} says it with Publishes<{eventType.Name}>().");

    private static EventRoute Route(IMessagingTopology topology, Type eventType) =>
        topology.Routes.FirstOrDefault(route => route.EventType == eventType)
        ?? throw new InvalidOperationException(
            $"{eventType} is not in the messaging topology. List it with the queues that hear it, or with none when nobody hears it yet.");
}
