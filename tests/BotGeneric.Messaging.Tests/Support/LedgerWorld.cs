using BotGeneric.Contracts;
using BotGeneric.Messaging.Outbox;
using BotGeneric.Messaging.TestHost;
using BotGeneric.Testing;
using Microsoft.Extensions.Hosting;
using Npgsql;
using RabbitMQ.Client;

namespace BotGeneric.Messaging.Tests.Support;

/// <summary>A fresh database and fresh queues for one test, and what a test does with them.</summary>
internal sealed class LedgerWorld : IAsyncDisposable
{
    private static readonly MessagingRegistry Registry = new(
        Ledger.Service, Ledger.Topology, [typeof(Deposited), typeof(Measured), typeof(Announced)], []);

    private readonly TestDatabase _database;
    private readonly List<IHost> _hosts = [];
    private readonly IConnection _connection;

    private LedgerWorld(TestDatabase database, string broker, IConnection connection, IChannel channel)
    {
        _database = database;
        _connection = connection;
        Broker = broker;
        Channel = channel;
        DataSource = NpgsqlDataSource.Create(database.ConnectionString);
    }

    public string Database => _database.ConnectionString;

    public string Broker { get; }

    public NpgsqlDataSource DataSource { get; }

    /// <summary>A channel of the test's own, to look at queues and to publish what no service would.</summary>
    public IChannel Channel { get; }

    public static async Task<LedgerWorld> CreateAsync(string? broker = null)
    {
        broker ??= await TestServers.RabbitMqAsync();
        var database = await TestDatabase.CreateAsync("messaging");
        await Ledger.CreateTablesAsync(database.ConnectionString);
        var connection = await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync();
        var world = new LedgerWorld(database, broker, connection, await connection.CreateChannelAsync());
        await world.ForgetQueuesAsync();
        return world;
    }

    public async Task<IHost> StartAsync(LedgerRoles roles, Action<MessagingOptions>? options = null, string? database = null, TimeSpan? gathering = null)
    {
        var host = Ledger.Build(database ?? Database, Broker, roles, options, gathering);
        _hosts.Add(host);
        await host.StartAsync();
        return host;
    }

    public async Task StopAsync(IHost host)
    {
        _hosts.Remove(host);
        await host.StopAsync();
        await host.Scope().DisposeAsync();
    }

    public LedgerProcess StartProcess(LedgerRoles roles, string? step = null, int count = 1) =>
        LedgerProcess.Start(Database, Broker, roles, step, count);

    /// <summary>Commits events to the outbox, without any host.</summary>
    public async Task InsertAsync(params IReadOnlyCollection<OutboxEvent> events)
    {
        var outbox = new TransactionalOutbox(Registry, TimeProvider.System);
        await using var connection = await DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await outbox.InsertAsync(connection, transaction, events, CancellationToken.None);
        await transaction.CommitAsync();
    }

    /// <summary>Commits events and lets a dispatcher bring them to the broker.</summary>
    public async Task PublishAsync(params IReadOnlyCollection<OutboxEvent> events)
    {
        await InsertAsync(events);
        var host = await StartAsync(LedgerRoles.Publish);
        await OutboxEmptyAsync();
        await StopAsync(host);
    }

    public Task OutboxEmptyAsync() => Eventually.EqualAsync(0L, () => CountAsync("outbox"), "rows in the outbox");

    public Task EffectsAsync(long count) =>
        Eventually.EqualAsync(count, () => ScalarAsync<long>("SELECT count(DISTINCT event_id) FROM effects"), "events with an effect");

    public Task<long> CountAsync(string table, string where = "true") => ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE {where}");

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public Task BreakAsync() => ExecuteAsync($"INSERT INTO switches (name) VALUES ('{LedgerSwitch.Broken}')");

    public Task RepairAsync() => ExecuteAsync("DELETE FROM switches");

    /// <summary>Fails unless every event had exactly one effect, by count and by sum.</summary>
    public async Task AssertExactlyOnceAsync(IReadOnlyCollection<OutboxEvent> events)
    {
        Assert.Equal(events.Count, await ScalarAsync<long>("SELECT count(DISTINCT event_id) FROM effects"));
        Assert.Equal(events.Count, await CountAsync("effects"));
        Assert.Equal(events.Sum(e => AmountOf(e.Event)), await ScalarAsync<decimal>("SELECT coalesce(sum(amount), 0) FROM effects"));
        Assert.Equal(0, await CountAsync("dead_letters"));
    }

    public async Task ForgetQueuesAsync()
    {
        foreach (var route in Ledger.Topology.Routes)
        {
            foreach (var queue in route.Queues)
            {
                await Channel.QueueDeleteAsync(queue.Name);
                await Channel.ExchangeDeleteAsync(queue.Name);
            }

            await Channel.ExchangeDeleteAsync(route.EventName);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts.ToArray())
            await StopAsync(host);
        if (Channel.IsOpen)
            await ForgetQueuesAsync();
        await _connection.DisposeAsync();
        await DataSource.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static long AmountOf(IIntegrationEvent @event) => @event switch
    {
        Deposited deposited => deposited.Amount,
        Measured measured => measured.Amount,
        _ => 0,
    };
}
