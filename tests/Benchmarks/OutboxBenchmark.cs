using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using BotGeneric.Contracts;
using BotGeneric.Messaging;
using BotGeneric.Messaging.Outbox;
using BotGeneric.Messaging.TestHost;
using BotGeneric.Messaging.Topology;
using BotGeneric.Testing;
using Npgsql;
using RabbitMQ.Client;

namespace BotGeneric.Benchmarks;

/// <summary>
/// How fast one dispatcher empties an outbox, with confirms, without and with ordering keys. The baseline publishes the same envelopes to the
/// same quorum queue with confirms and with the same number in flight, and does nothing else: no database, no order, no trace.
/// </summary>
internal static class OutboxBenchmark
{
    private const int BatchSize = 200;

    public static async Task RunAsync(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 20_000;
        var broker = await TestServers.RabbitMqAsync();
        await using var database = await TestDatabase.CreateAsync("benchmark");
        await Ledger.CreateTablesAsync(database.ConnectionString);
        await using var dataSource = NpgsqlDataSource.Create(database.ConnectionString);
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync();

        // The first run of each warms up code, plans and queues.
        await BaselineAsync(connection, count / 10);
        await DispatchAsync(dataSource, database.ConnectionString, broker, connection, count / 10, accounts: 0);

        var baseline = await BaselineAsync(connection, count);
        var unordered = await DispatchAsync(dataSource, database.ConnectionString, broker, connection, count, accounts: 0);
        var ordered = await DispatchAsync(dataSource, database.ConnectionString, broker, connection, count, accounts: 1000);
        Console.WriteLine($"{count} messages, quorum queue, publisher confirms, {Environment.ProcessorCount} cores");
        Console.WriteLine($"  broker alone, {BatchSize} in flight    {baseline,8:0} messages/s");
        Console.WriteLine($"  outbox, one dispatcher       {unordered,8:0} messages/s  ({unordered / baseline:P0} of the broker alone)");
        Console.WriteLine($"  the same, 1,000 ordered keys {ordered,8:0} messages/s  ({ordered / baseline:P0})");
    }

    private static async Task<double> BaselineAsync(IConnection connection, int count)
    {
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null));
        await TopologyDeclarer.DeclareAsync(channel, Ledger.Topology.Routes, CancellationToken.None);
        var exchange = EventName.Of(typeof(Deposited));
        var bodies = Events(count, 0).Select(e => Envelope.Write(Row(e.Event), TimeProvider.System.GetUtcNow())).ToArray();
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent, ContentType = Envelope.ContentType };

        var clock = Stopwatch.StartNew();
        foreach (var chunk in bodies.Chunk(BatchSize))
            await Task.WhenAll(chunk.Select(body => channel.BasicPublishAsync(exchange, "", mandatory: true, properties, body).AsTask()));
        var rate = count / clock.Elapsed.TotalSeconds;
        await channel.QueuePurgeAsync(Ledger.DepositedQueue);
        return rate;
    }

    private static async Task<double> DispatchAsync(
        NpgsqlDataSource dataSource, string database, string broker, IConnection connection, int count, int accounts)
    {
        await InsertAsync(dataSource, Events(count, accounts));
        using var host = Ledger.Build(database, broker, LedgerRoles.Publish, options => options.OutboxBatchSize = BatchSize);
        var clock = Stopwatch.StartNew();
        await host.StartAsync();
        while (await RemainingAsync(dataSource) > 0)
            await Task.Delay(20);
        var rate = count / clock.Elapsed.TotalSeconds;
        await host.StopAsync();

        await using var channel = await connection.CreateChannelAsync();
        var arrived = await channel.MessageCountAsync(Ledger.DepositedQueue);
        if (arrived != count)
            throw new InvalidOperationException($"{arrived} of {count} messages arrived.");
        await channel.QueuePurgeAsync(Ledger.DepositedQueue);
        return rate;
    }

    private static async Task InsertAsync(NpgsqlDataSource dataSource, IEnumerable<OutboxEvent> events)
    {
        var outbox = new TransactionalOutbox(new MessagingRegistry(Ledger.Service, Ledger.Topology, [typeof(Deposited)], []), TimeProvider.System);
        await using var connection = await dataSource.OpenConnectionAsync();
        foreach (var chunk in events.Chunk(1000))
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await outbox.InsertAsync(connection, transaction, chunk, CancellationToken.None);
            await transaction.CommitAsync();
        }

        await using var analyze = new NpgsqlCommand("ANALYZE outbox", connection);
        await analyze.ExecuteNonQueryAsync();
    }

    private static async Task<long> RemainingAsync(NpgsqlDataSource dataSource)
    {
        await using var command = dataSource.CreateCommand("SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT 1) AS rest");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static IEnumerable<OutboxEvent> Events(int count, int accounts) => Enumerable.Range(0, count).Select(number =>
    {
        var account = accounts == 0 ? "none" : $"account-{number % accounts}";
        return new OutboxEvent(
            new Deposited
            {
                EventId = Guid.CreateVersion7(),
                OccurredAt = TimeProvider.System.GetUtcNow(),
                Account = account,
                Position = number,
                Amount = number,
            },
            accounts == 0 ? null : account);
    });

    private static OutboxRow Row(IIntegrationEvent @event) => new(
        0, @event.EventId, EventName.Of(@event.GetType()), JsonSerializer.Serialize(@event, @event.GetType()), null, null, null, 0, @event.OccurredAt);
}
