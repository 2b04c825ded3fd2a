using BotGeneric.Contracts;
using BotGeneric.Gateway.Routing;
using BotGeneric.Messaging;
using BotGeneric.Testing;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;

namespace BotGeneric.Gateway.Tests.Support;

/// <summary>A gateway with an Identity and a service behind it, and the servers of the run.</summary>
public sealed class EdgeWorld : IAsyncDisposable
{
    private readonly List<GatewayApplication> _gateways = [];

    private EdgeWorld(FakeIdentity identity, StubService service)
    {
        Identity = identity;
        Service = service;
    }

    public FakeIdentity Identity { get; }

    public StubService Service { get; }

    public GatewayApplication Gateway => _gateways[0];

    public static async Task<EdgeWorld> StartAsync(Action<GatewayApplication>? configure = null, TimeProvider? time = null, string issuer = "http://bot.test/")
    {
        var world = new EdgeWorld(await FakeIdentity.StartAsync(issuer), await StubService.StartAsync("served"));
        world.AddGateway(configure, time);
        return world;
    }

    /// <summary>Another gateway of the same system.</summary>
    public GatewayApplication AddGateway(Action<GatewayApplication>? configure = null, TimeProvider? time = null)
    {
        var gateway = new GatewayApplication(time)
            .With(ServiceNames.Identity, Identity.Address)
            .With(ServiceNames.Billing, Service.Address)
            .With(ServiceNames.Landing, Service.Address)
            .Set("Authentication:Issuer", Identity.Issuer)
            // By service discovery, as in a whole system.
            .Set("Authentication:JwksAddress", null)
            .Set("Session:ClientSecret", FakeIdentity.ClientSecret);
        configure?.Invoke(gateway);
        _gateways.Add(gateway);
        return gateway;
    }

    public Browser Browser(GatewayApplication? gateway = null) => new((gateway ?? Gateway).CreateVisitor(), Identity.Issuer.TrimEnd('/'));

    /// <summary>The token that the service saw last.</summary>
    public string LastToken => Service.Requests.Last().Headers["Authorization"]["Bearer ".Length..];

    /// <summary>Waits until a gateway hears broadcasts.</summary>
    public static async Task HearsAsync(GatewayApplication gateway)
    {
        using var _ = gateway.CreateVisitor();
        var state = gateway.Services.GetRequiredService<Messaging.Broadcasts.BroadcastState>();
        await Eventually.EqualAsync(true, () => Task.FromResult(state.IsConnected), "the gateway to hear broadcasts");
    }

    /// <summary>
    /// Repeats what must be in force within a second of being said until it is, a few times: a machine that is busy with other tests may stand still for longer
    /// than that. Each time it must come into force.
    /// </summary>
    /// <typeparam name="T">What a repetition returns.</typeparam>
    /// <param name="take">Says it, waits until it is in force, and returns when it was said (see <see cref="SayAsync"/>).</param>
    /// <returns>What the last repetition returned.</returns>
    public static async Task<T> WithinASecondAsync<T>(Func<Task<(long Said, T Result)>> take)
    {
        var limit = TimeSpan.FromSeconds(1);
        for (var left = 5; ; left--)
        {
            var (said, result) = await take();
            var elapsed = TimeProvider.System.GetElapsedTime(said);
            if (elapsed <= limit || left == 0)
            {
                Assert.InRange(elapsed, TimeSpan.Zero, limit);
                return result;
            }
        }
    }

    /// <summary>Says an event as Identity's outbox does.</summary>
    /// <returns>The timestamp at which it left.</returns>
    public static async Task<long> SayAsync<TEvent>(TEvent @event)
        where TEvent : class, IIntegrationEvent
    {
        var factory = new ConnectionFactory { Uri = new Uri(await TestServers.RabbitMqAsync()) };
        await using var connection = await factory.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var exchange = EventName.Of(typeof(TEvent));
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
        var body = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
            new { messageType = new[] { "urn:message:" + exchange }, message = @event }, System.Text.Json.JsonSerializerOptions.Web);
        var left = TimeProvider.System.GetTimestamp();
        await channel.BasicPublishAsync(exchange, string.Empty, body);
        return left;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways)
        {
            await gateway.DisposeAsync();
        }

        await Identity.DisposeAsync();
        await Service.DisposeAsync();
    }
}
