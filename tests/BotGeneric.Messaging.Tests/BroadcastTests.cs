using System.Collections.Concurrent;
using BotGeneric.Contracts;
using BotGeneric.Messaging.Broadcasts;
using BotGeneric.Messaging.Tests.Support;
using BotGeneric.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RabbitMQ.Client;

namespace BotGeneric.Messaging.Tests;

public sealed class BroadcastTests
{
    [Fact]
    public async Task Every_process_hears_what_is_said_and_one_bad_message_does_not_end_the_listening()
    {
        var broker = await TestServers.RabbitMqAsync();
        var (first, second) = (new Listener(), new Listener());
        using var one = await StartAsync(broker, first);
        using var other = await StartAsync(broker, second);
        var account = Guid.NewGuid().ToString();

        await SayAsync("no json"u8.ToArray());
        await SayAsync(Message(account));

        await Eventually.EqualAsync(true, () => Task.FromResult(first.Heard.Contains(account) && second.Heard.Contains(account)), "both to hear it");
    }

    [Fact]
    public async Task A_listener_that_was_cut_off_says_so_comes_back_by_itself_and_forgets()
    {
        var broker = new UriBuilder(await TestServers.RabbitMqAsync());
        var port = broker.Port;
        await using var link = new Link(port);
        broker.Port = link.Port;
        var listener = new Listener();
        using var host = await StartAsync(broker.Uri.OriginalString, listener);
        var state = host.Services.GetRequiredService<BroadcastState>();
        Assert.Equal(1, listener.Resets);

        link.Cut();
        await Eventually.EqualAsync(false, () => Task.FromResult(state.IsConnected), "the state to say so");
        link.Lead(port);
        await Eventually.EqualAsync(true, () => Task.FromResult(state.IsConnected), "the listener to come back");

        Assert.Equal(2, listener.Resets);
        var account = Guid.NewGuid().ToString();
        await SayAsync(Message(account));
        await Eventually.EqualAsync(true, () => Task.FromResult(listener.Heard.Contains(account)), "it to hear again");
    }

    [Fact]
    public async Task Without_a_broker_a_listener_says_so_once_and_not_before_the_broker_had_time_to_start()
    {
        var broker = new UriBuilder(await TestServers.RabbitMqAsync());
        var port = broker.Port;
        await using var link = new Link(port);
        link.Cut();
        broker.Port = link.Port;
        var time = new FakeTimeProvider();
        var log = new LogLines();
        using var host = Build(broker.Uri.OriginalString, new Listener(), builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(log);
        });
        await host.StartAsync();
        var state = host.Services.GetRequiredService<BroadcastState>();

        await TriesAsync(5, TimeSpan.FromMilliseconds(100));
        Assert.Empty(Warnings());

        time.Advance(TimeSpan.FromSeconds(30));
        await TriesAsync(5, TimeSpan.FromSeconds(5));
        Assert.Contains("has not been reached for", Assert.Single(Warnings()), StringComparison.Ordinal);

        link.Lead(port);
        await ConnectsAsync(true);
        Assert.Contains("again, after", Assert.Single(log.Of(nameof(BroadcastListener), LogLevel.Information).Skip(1)), StringComparison.Ordinal);

        link.Cut();
        await ConnectsAsync(false);
        await TriesAsync(20, TimeSpan.FromSeconds(5));
        Assert.Equal("Broadcasts are not heard any more: the connection ended", Assert.Single(Warnings().Skip(1)));
        await host.StopAsync();

        IReadOnlyList<string> Warnings() => log.Of(nameof(BroadcastListener), LogLevel.Warning);

        Task TriesAsync(int tries, TimeSpan step)
        {
            var before = Attempts();
            return Eventually.EqualAsync(
                true,
                () =>
                {
                    time.Advance(step);
                    return Task.FromResult(Attempts() >= before + tries);
                },
                "the listener to try again");
        }

        int Attempts() => log.Of(nameof(BroadcastListener), LogLevel.Debug).Count(line => line.StartsWith("The broker cannot", StringComparison.Ordinal));

        Task ConnectsAsync(bool isConnected) => Eventually.EqualAsync(
            isConnected,
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(state.IsConnected);
            },
            "the state to change");
    }

    private static async Task<IHost> StartAsync(string broker, Listener listener)
    {
        var host = Build(broker, listener);
        await host.StartAsync();
        var state = host.Services.GetRequiredService<BroadcastState>();
        await Eventually.EqualAsync(true, () => Task.FromResult(state.IsConnected), "the listener to connect");
        return host;
    }

    private static IHost Build(string broker, Listener listener, Action<HostApplicationBuilder>? register = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration["ConnectionStrings:rabbitmq"] = broker;
        register?.Invoke(builder);
        builder.AddBroadcasts("test", broadcasts => broadcasts.On<Shouted>(_ => listener));
        return builder.Build();
    }

    private static byte[] Message(string account) => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            message = new Shouted { EventId = Guid.CreateVersion7(), OccurredAt = TimeProvider.System.GetUtcNow(), Account = account },
        },
        EventJson.Options);

    private static async Task SayAsync(byte[] body)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(await TestServers.RabbitMqAsync()) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.BasicPublishAsync(EventName.Of(typeof(Shouted)), string.Empty, body);
    }

    private sealed class Listener : IBroadcastHandler<Shouted>
    {
        private int _resets;

        public ConcurrentBag<string> Heard { get; } = [];

        public int Resets => Volatile.Read(ref _resets);

        public Task HandleAsync(Shouted @event, CancellationToken cancellationToken)
        {
            Heard.Add(@event.Account);
            return Task.CompletedTask;
        }

        public Task ResetAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _resets);
            return Task.CompletedTask;
        }
    }
}

/// <summary>An event of these tests alone: no queue of another test holds a copy of it.</summary>
public sealed record Shouted : IIntegrationEvent
{
    public required Guid EventId { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    public required string Account { get; init; }
}
