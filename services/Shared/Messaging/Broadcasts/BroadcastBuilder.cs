using System.Text.Json;
using BotGeneric.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Messaging.Broadcasts;

/// <summary>Collects what a process wants to hear.</summary>
public sealed class BroadcastBuilder
{
    private readonly Dictionary<string, BroadcastSubscription> _subscriptions = new(StringComparer.Ordinal);

    internal IReadOnlyDictionary<string, BroadcastSubscription> Subscriptions => _subscriptions;

    /// <summary>Hears an event.</summary>
    /// <param name="handler">Finds what handles it; asked once.</param>
    /// <typeparam name="TEvent">The event; a second handler of the same event is refused.</typeparam>
    /// <returns>The same builder.</returns>
    public BroadcastBuilder On<TEvent>(Func<IServiceProvider, IBroadcastHandler<TEvent>> handler)
        where TEvent : class, IIntegrationEvent
    {
        ArgumentNullException.ThrowIfNull(handler);
        _subscriptions.Add(EventName.Of(typeof(TEvent)), new BroadcastSubscription(services =>
        {
            var found = handler(services);
            return new BroadcastReceiver(
                (message, cancellationToken) => found.HandleAsync(
                    message.Deserialize<TEvent>(EventJson.Options) ?? throw new JsonException("The message is null."), cancellationToken),
                found.ResetAsync);
        }));
        return this;
    }

    /// <summary>Hears an event.</summary>
    /// <typeparam name="TEvent">The event.</typeparam>
    /// <typeparam name="THandler">What handles it, a registered singleton.</typeparam>
    /// <returns>The same builder.</returns>
    public BroadcastBuilder On<TEvent, THandler>()
        where TEvent : class, IIntegrationEvent
        where THandler : class, IBroadcastHandler<TEvent> =>
        On<TEvent>(services => services.GetRequiredService<THandler>());
}

/// <summary>An event and how its handler is found.</summary>
/// <param name="Create">Finds it.</param>
internal sealed record BroadcastSubscription(Func<IServiceProvider, BroadcastReceiver> Create);

/// <summary>A handler without the type of its event.</summary>
/// <param name="HandleAsync">Reads and handles a message.</param>
/// <param name="ResetAsync">Forgets.</param>
internal sealed record BroadcastReceiver(Func<JsonElement, CancellationToken, Task> HandleAsync, Func<CancellationToken, Task> ResetAsync);
