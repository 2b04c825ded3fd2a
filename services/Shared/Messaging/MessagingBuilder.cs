using BotGeneric.Contracts;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Privacy.V1;
using BotGeneric.Messaging.Inbox;
using BotGeneric.Messaging.Merging;
using BotGeneric.Messaging.Privacy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace BotGeneric.Messaging;

/// <summary>Collects what a service says and hears.</summary>
/// <typeparam name="TDbContext">The service's database, whose model includes <see cref="MessagingModelExtensions.AddMessaging"/>.</typeparam>
public sealed class MessagingBuilder<TDbContext>
    where TDbContext : DbContext
{
    private readonly IServiceCollection _services;
    private readonly string _service;

    internal MessagingBuilder(IServiceCollection services, string service)
    {
        _services = services;
        _service = service;
    }

    internal List<Type> Published { get; } = [];

    internal List<IEventConsumer> Consumers { get; } = [];

    internal List<Func<Exception, bool>> AlsoOutages { get; } = [];

    /// <summary>Who hears what; the product's topology unless a test brings its own.</summary>
    public IMessagingTopology Topology { get; set; } = MessagingTopology.Default;

    /// <summary>Adjusts the options, after configuration.</summary>
    /// <param name="configure">The adjustment.</param>
    public MessagingBuilder<TDbContext> Options(Action<MessagingOptions> configure)
    {
        _services.Configure(configure);
        return this;
    }

    /// <summary>Declares that the service adds this event to its outbox.</summary>
    /// <typeparam name="TEvent">An event that the topology lists.</typeparam>
    public MessagingBuilder<TDbContext> Publishes<TEvent>()
        where TEvent : class, IIntegrationEvent
    {
        Published.Add(typeof(TEvent));
        return this;
    }

    /// <summary>Handles an event, one message per transaction.</summary>
    /// <param name="configure">How the messages are taken.</param>
    /// <typeparam name="TEvent">The event.</typeparam>
    /// <typeparam name="THandler">The handler; created in a scope of its own for every attempt.</typeparam>
    public MessagingBuilder<TDbContext> Consumes<TEvent, THandler>(Action<ConsumerOptions>? configure = null)
        where TEvent : class, IIntegrationEvent
        where THandler : class, IEventHandler<TEvent, TDbContext>
    {
        var options = new ConsumerOptions();
        configure?.Invoke(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Concurrency, 1);
        _services.TryAddScoped<THandler>();
        Consumers.Add(new EventConsumer<TEvent, TDbContext>(
            options.Queue ?? EventName.Queue(_service, typeof(TEvent)),
            async (services, db, events, cancellationToken) =>
            {
                foreach (var received in events)
                    await services.GetRequiredService<THandler>().HandleAsync(received.Event, db, cancellationToken);
            },
            options.Concurrency,
            batch: null));
        return this;
    }

    /// <summary>Handles an event in batches, one transaction each.</summary>
    /// <param name="configure">How the batches are made.</param>
    /// <typeparam name="TEvent">The event.</typeparam>
    /// <typeparam name="THandler">The handler; created in a scope of its own for every attempt.</typeparam>
    public MessagingBuilder<TDbContext> ConsumesBatch<TEvent, THandler>(Action<BatchConsumerOptions>? configure = null)
        where TEvent : class, IIntegrationEvent
        where THandler : class, IBatchEventHandler<TEvent, TDbContext>
    {
        var options = new BatchConsumerOptions();
        configure?.Invoke(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MessageLimit, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MessageLimit, 5000);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Concurrency, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MessageLimit * options.Concurrency, ushort.MaxValue);
        _services.TryAddScoped<THandler>();
        Consumers.Add(new EventConsumer<TEvent, TDbContext>(
            options.Queue ?? EventName.Queue(_service, typeof(TEvent)),
            (services, db, events, cancellationToken) => services.GetRequiredService<THandler>().HandleAsync(events, db, cancellationToken),
            concurrency: 1,
            options));
        return this;
    }

    /// <summary>
    /// Answers the deletion of a person (<see cref="UserDeleted"/>) with <see cref="UserErased"/>, after erasing what waits in the service's dead letters.
    /// For a service that holds nothing else of people, or nothing but ids.
    /// </summary>
    public MessagingBuilder<TDbContext> ErasesPeople()
    {
        Publishes<UserErased>();
        return Consumes<UserDeleted, PersonErasure<TDbContext>>();
    }

    /// <summary>As <see cref="ErasesPeople()"/>, and erases before what the service itself holds, all in one transaction.</summary>
    /// <typeparam name="TEraser">Erases it; created in a scope of its own for every attempt.</typeparam>
    public MessagingBuilder<TDbContext> ErasesPeople<TEraser>()
        where TEraser : class, IPersonEraser<TDbContext>
    {
        _services.AddScoped<IPersonEraser<TDbContext>, TEraser>();
        return ErasesPeople();
    }

    /// <summary>
    /// Follows people who make one account of two (<see cref="AccountsMerged"/>): remembers which account is part of which for
    /// <see cref="AccountAliases"/>, and moves what the service keeps, in one transaction.
    /// </summary>
    /// <typeparam name="TMerger">Moves it; created in a scope of its own for every attempt.</typeparam>
    public MessagingBuilder<TDbContext> MergesAccounts<TMerger>()
        where TMerger : class, IAccountMerger<TDbContext>
    {
        _services.AddScoped<IAccountMerger<TDbContext>, TMerger>();
        return Consumes<AccountsMerged, AccountMerge<TDbContext>>();
    }

    /// <summary>
    /// Says which failures of handlers speak of something that is down rather than of the message, besides the service's own database: messages
    /// are then held, not put aside. For a handler that needs Redis, its connection exception.
    /// </summary>
    /// <param name="isOutage">True for such an exception; asked for every exception of the chain of causes.</param>
    public MessagingBuilder<TDbContext> TreatAsOutage(Func<Exception, bool> isOutage)
    {
        AlsoOutages.Add(isOutage);
        return this;
    }
}
