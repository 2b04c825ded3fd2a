using BotGeneric.Contracts;
using BotGeneric.Contracts.Agents.V1;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Contracts.Privacy.V1;
using BotGeneric.Contracts.Usage.V1;

namespace BotGeneric.Messaging;

/// <summary>
/// Who hears what, as data. RabbitMQ drops a message that no queue is bound for, and a queue exists only after its owner has run once. So
/// every publisher declares the queues of all its consumers before its first message, and it learns them from here.
/// </summary>
public interface IMessagingTopology
{
    /// <summary>Every event that is on the wire.</summary>
    IReadOnlyCollection<EventRoute> Routes { get; }
}

/// <summary>An event and the queues that must hold a copy of it.</summary>
/// <param name="EventType">The event's record.</param>
/// <param name="Queues">The queues, possibly none: an event that nobody hears yet is published and dropped knowingly.</param>
public sealed record EventRoute(Type EventType, IReadOnlyList<ConsumerQueue> Queues)
{
    /// <summary>The event's name on the wire, which is also the name of its exchange.</summary>
    public string EventName { get; } = Messaging.EventName.Of(EventType);
}

/// <summary>A consumer's queue.</summary>
/// <param name="Name">Service and event, such as <c>policy.subscription-changed</c>.</param>
/// <param name="Ordered">
/// Whether the consumer sees the messages one at a time in the order of the queue, whatever the number of its replicas. Costs
/// throughput (about one broker round trip and one transaction per message).
/// </param>
public sealed record ConsumerQueue(string Name, bool Ordered = false);

/// <summary>The topology of the product, and a builder's view of it for tests.</summary>
/// <param name="routes">The events and their queues.</param>
public sealed class MessagingTopology(IReadOnlyCollection<EventRoute> routes) : IMessagingTopology
{
    /// <summary>Every event of the product with every queue that hears it.</summary>
    public static IMessagingTopology Default { get; } = new MessagingTopology(
    [
        Route<SubscriptionChanged>(
            new ConsumerQueue("policy.subscription-changed", Ordered: true),
            new ConsumerQueue("analytics.subscription-changed", Ordered: true)),
        Route<PaymentCompleted>(),
        Route<PaymentFailed>(),
        Route<PaymentRefunded>(),
        Route<PlanChanged>(),
        Route<UsageRecorded>(
            new ConsumerQueue("policy.usage-recorded"),
            new ConsumerQueue("analytics.usage-recorded")),
        Route<UsageTotalled>(
            new ConsumerQueue("policy.usage-totalled")),
        Route<LlmCallCompleted>(
            new ConsumerQueue("usage.llm-call-completed")),
        Route<LimitThresholdReached>(),
        Route<LimitExceeded>(),
        Route<PolicyChanged>(),
        Route<UsageCounted>(
            new ConsumerQueue("policy.usage-counted")),
        Route<UserRegistered>(),
        Route<UserUpdated>(),
        Route<UserDeleted>(
            new ConsumerQueue("agents.user-deleted"),
            new ConsumerQueue("analytics.user-deleted"),
            new ConsumerQueue("billing.user-deleted"),
            new ConsumerQueue("notifications.user-deleted"),
            new ConsumerQueue("policy.user-deleted"),
            new ConsumerQueue("telegram.user-deleted"),
            new ConsumerQueue("usage.user-deleted")),
        Route<UserErased>(
            new ConsumerQueue("identity.user-erased")),
        Route<AccountsMerged>(
            new ConsumerQueue("analytics.accounts-merged", Ordered: true),
            new ConsumerQueue("billing.accounts-merged", Ordered: true),
            new ConsumerQueue("notifications.accounts-merged", Ordered: true),
            new ConsumerQueue("policy.accounts-merged", Ordered: true),
            new ConsumerQueue("usage.accounts-merged", Ordered: true)),
        Route<IdentityLinked>(),
        Route<IdentityUnlinked>(),
        Route<OrganizationCreated>(
            new ConsumerQueue("policy.organization-created")),
        Route<MembershipChanged>(),
        Route<ApiKeyRevoked>(),
        Route<SessionsRevoked>(),
        Route<SessionChanged>(),
        Route<NotificationRequested>(
            new ConsumerQueue("notifications.notification-requested")),
    ]);

    /// <inheritdoc />
    public IReadOnlyCollection<EventRoute> Routes { get; } = routes;

    /// <summary>An event and its queues.</summary>
    /// <param name="queues">The queues that hear it.</param>
    /// <typeparam name="TEvent">The event.</typeparam>
    public static EventRoute Route<TEvent>(params IReadOnlyList<ConsumerQueue> queues)
        where TEvent : class, IIntegrationEvent =>
        new(typeof(TEvent), queues);
}
