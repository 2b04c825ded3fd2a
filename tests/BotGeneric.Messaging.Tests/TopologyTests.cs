using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Messaging.TestHost;
using BotGeneric.Messaging.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using RabbitMQ.Client;

namespace BotGeneric.Messaging.Tests;

/// <summary>Queues are there before the first message, and names stay what they are.</summary>
public sealed class TopologyTests
{
    [Fact]
    public async Task A_message_waits_for_a_consumer_whose_service_has_never_run()
    {
        await using var world = await LedgerWorld.CreateAsync();
        await world.PublishAsync([.. Enumerable.Range(1, 50).Select(position => Some.Announcement(position))]);

        Assert.Equal(50u, await world.Channel.MessageCountAsync(Ledger.AnnouncedQueue));
        // Its consumer starts for the first time now, with the same declaration: an ordered queue, one message at a time.
        var host = Elsewhere(world);
        await using var disposal = host.Scope();
        await host.StartAsync();
        await world.EffectsAsync(50);
        await host.StopAsync();
        Assert.Equal(
            string.Join(',', Enumerable.Range(1, 50)),
            await world.ScalarAsync<string>("SELECT string_agg(position::text, ',' ORDER BY number) FROM effects"));
    }

    [Fact]
    public async Task A_consumer_may_also_come_first()
    {
        await using var world = await LedgerWorld.CreateAsync();
        var host = Elsewhere(world);
        await using var disposal = host.Scope();
        await host.StartAsync();
        await world.PublishAsync(Some.Announcement(1));
        await world.EffectsAsync(1);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_message_without_a_queue_is_tried_again_until_it_has_one()
    {
        await using var world = await LedgerWorld.CreateAsync();
        var host = await world.StartAsync(LedgerRoles.Publish);
        await world.InsertAsync(Some.Announcement(1));
        await world.OutboxEmptyAsync();
        await world.Channel.QueueDeleteAsync(Ledger.AnnouncedQueue);

        await world.InsertAsync([.. Enumerable.Range(2, 5).Select(position => Some.Announcement(position))]);
        await world.OutboxEmptyAsync();
        Assert.Equal(5u, await world.Channel.MessageCountAsync(Ledger.AnnouncedQueue));
        await world.StopAsync(host);
        Assert.Equal(0, await world.CountAsync("dead_letters"));
    }

    [Fact]
    public void Every_queue_of_the_product_is_named_after_one_service_and_one_event()
    {
        var routes = MessagingTopology.Default.Routes;
        Assert.Equal(routes.Count, routes.Select(route => route.EventName).Distinct().Count());
        Assert.All(routes, route =>
        {
            Assert.Matches("^BotGeneric\\.Contracts\\.[A-Z][A-Za-z]+\\.V[0-9]+:[A-Z][A-Za-z]+$", route.EventName);
            Assert.All(route.Queues, queue => Assert.Equal(queue.Name, EventName.Queue(queue.Name.Split('.')[0], route.EventType)));
        });
        Assert.Distinct(routes.SelectMany(route => route.Queues).Select(queue => queue.Name));
    }

    [Fact]
    public void An_event_has_the_name_that_MassTransit_gives_it()
    {
        Assert.Equal("BotGeneric.Contracts.Billing.V1:SubscriptionChanged", EventName.Of(typeof(SubscriptionChanged)));
        Assert.Equal(MassTransit.MessageUrn.ForTypeString(typeof(SubscriptionChanged)), $"urn:message:{EventName.Of(typeof(SubscriptionChanged))}");
        Assert.Throws<ArgumentException>(() => EventName.Of(typeof(List<int>)));
    }

    [Fact]
    public void A_queue_that_the_topology_does_not_list_stops_the_start()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Configure(m => m.Consumes<Deposited, DepositedHandler>(o => o.Queue = "ledger.unlisted")));
        Assert.Contains("ledger.unlisted", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_that_the_topology_does_not_list_stops_the_start()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Configure(m => m.Publishes<SubscriptionChanged>()));
        Assert.Contains(nameof(SubscriptionChanged), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_queue_with_two_handlers_stops_the_start() =>
        Assert.Throws<InvalidOperationException>(() => Configure(m => m.Consumes<Deposited, DepositedHandler>().Consumes<Deposited, DepositedHandler>()));

    private static void Configure(Action<MessagingBuilder<LedgerDb>> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:rabbitmq"] = "amqp://localhost" });
        builder.AddMessaging<LedgerDb>(Ledger.Service, messaging =>
        {
            messaging.Topology = Ledger.Topology;
            configure(messaging);
        });
    }

    /// <summary>The service that hears announcements.</summary>
    private static IHost Elsewhere(LedgerWorld world)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:rabbitmq"] = world.Broker });
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(world.Database));
        // With a strategy that retries, as a service may have it: the inbox's transaction has to bear that.
        builder.Services.AddDbContext<LedgerDb>((services, context) =>
            context.UseNpgsql(services.GetRequiredService<NpgsqlDataSource>(), npgsql => npgsql.EnableRetryOnFailure()));
        builder.AddMessaging<LedgerDb>("elsewhere", messaging =>
        {
            messaging.Topology = Ledger.Topology;
            messaging.Consumes<Announced, AnnouncedHandler>();
        });
        return builder.Build();
    }

    private sealed class AnnouncedHandler : IEventHandler<Announced, LedgerDb>
    {
        public Task HandleAsync(Announced @event, LedgerDb db, CancellationToken cancellationToken)
        {
            db.Effects.Add(new LedgerEffect
            {
                EventId = @event.EventId,
                Consumer = nameof(Announced),
                Account = "",
                Position = @event.Position,
                Amount = 0,
            });
            return Task.CompletedTask;
        }
    }
}
