using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Adjustments;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Subscriptions;
using BotGeneric.Simulators.Paddle.Transactions;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Paddle.Notifications;

/// <summary>How events are told.</summary>
internal enum EventMode
{
    /// <summary>As Paddle's own.</summary>
    Real,

    /// <summary>As made up by Paddle's simulator: other ids, not in the list of events.</summary>
    Simulated,

    /// <summary>Not at all.</summary>
    Silent,
}

/// <summary>
/// Writes down what happens, each time with a full copy of the entity, and hands it to the delivery. Guarded by the world's lock.
/// </summary>
/// <param name="world">Keeps events and notifications.</param>
/// <param name="deliveries">Delivers.</param>
/// <param name="options">The destinations.</param>
internal sealed class EventLog(PaddleWorld world, DeliveryQueue deliveries, IOptions<PaddleSimulatorOptions> options)
{
    private readonly List<Notification> _batch = [];
    private IReadOnlyList<Destination>? _destinations;

    public EventMode Mode { get; set; }

    public IReadOnlyList<Destination> Destinations => _destinations ??= Name([]);

    /// <summary>Gives the destinations the ids that they had, in their order: addresses and secrets are those of the configuration.</summary>
    /// <param name="ids">The ids. A destination that is new has none yet.</param>
    public void GoOn(IReadOnlyList<string> ids) => _destinations = Name(ids);

    public void Emit(Subscription subscription, params ReadOnlySpan<string> names)
    {
        world.Subscriptions.Touch(subscription);
        foreach (var name in names)
        {
            var data = PaddleJson.Of(subscription);
            Emit($"subscription.{name}", data);
        }
    }

    /// <summary>A new subscription names the transaction that made it; no other event does.</summary>
    public void EmitCreated(Subscription subscription, string transactionId)
    {
        var data = PaddleJson.Of(subscription);
        data["transaction_id"] = transactionId;
        Emit("subscription.created", data);
    }

    public void Emit(Transaction transaction, params ReadOnlySpan<string> names)
    {
        world.Transactions.Touch(transaction);
        foreach (var name in names)
        {
            Emit($"transaction.{name}", PaddleJson.Of(transaction));
        }
    }

    public void Emit(Adjustment adjustment, string name) => Emit($"adjustment.{name}", PaddleJson.Of(world.Adjustments.Touch(adjustment)));

    /// <summary>Tells that something happened.</summary>
    /// <param name="type">The event, such as <c>customer.created</c>.</param>
    /// <param name="data">The entity as it is now.</param>
    public void Emit(string type, JsonObject data)
    {
        if (Mode == EventMode.Silent)
        {
            return;
        }

        var simulated = Mode == EventMode.Simulated;
        var happened = new PaddleEvent
        {
            Id = world.Ids.New(simulated ? "ntfsimevt" : "evt"),
            Type = type,
            OccurredAt = world.Clock.Stamp(),
            Data = data,
            Simulated = simulated,
        };
        if (!simulated)
        {
            world.Events.Add(happened);
        }

        foreach (var destination in Destinations)
        {
            Notify(happened, destination, "event");
        }
    }

    /// <summary>A delivery of an event, under a new id.</summary>
    public Notification Notify(PaddleEvent happened, Destination destination, string origin)
    {
        var notification = new Notification
        {
            Id = world.Ids.New(happened.Simulated ? "ntfsimntf" : "ntf"),
            Event = happened,
            Destination = destination,
            Origin = origin,
            CreatedAt = world.Clock.Now,
            UpdatedAt = world.Clock.Now,
        };
        world.Notifications.Add(notification);
        _batch.Add(notification);
        return notification;
    }

    /// <summary>Hands over what was told since the last time.</summary>
    public void Flush()
    {
        if (_batch.Count > 0)
        {
            deliveries.Add(_batch);
            _batch.Clear();
        }
    }

    public void Reset()
    {
        _batch.Clear();
        _destinations = null;
        Mode = EventMode.Real;
    }

    private Destination[] Name(IReadOnlyList<string> ids) =>
    [
        .. options.Value.MoreDestinations.Prepend(new PaddleDestinationOptions { Url = options.Value.WebhookUrl, Secret = options.Value.WebhookSecret })
            .Select((to, index) => new Destination(index < ids.Count ? ids[index] : world.Ids.New("ntfset"), to.Url!, to.Secret)),
    ];
}
