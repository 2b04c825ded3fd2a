using System.Net;
using System.Net.Sockets;
using BotGeneric.AppHost.Native;
using BotGeneric.Messaging.Inbox;
using BotGeneric.Messaging.TestHost;
using BotGeneric.Messaging.Tests.Support;
using BotGeneric.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace BotGeneric.Messaging.Tests;

/// <summary>Servers that go away and come back.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task A_broker_that_is_restarted_costs_no_message_and_no_attempt()
    {
        using var folder = new TemporaryFolder("broker");
        var options = new NativeServersOptions { DataFolder = folder.Path, Ephemeral = true, Kinds = NativeServerKinds.RabbitMq };
        var server = await NativeServers.StartAsync(options);
        try
        {
            // The server comes back on another port; the link keeps its address, as a service name does.
            var address = new UriBuilder(server.RabbitMqConnectionString!);
            await using var link = new Link(address.Port);
            await using var world = await LedgerWorld.CreateAsync(server.RabbitMqConnectionString);
            address.Port = link.Port;
            var host = Ledger.Build(world.Database, address.Uri.ToString(), LedgerRoles.All);
            await using var disposal = host.Scope();
            await host.StartAsync();
            await HealthAsync(host.Services, HealthStatus.Healthy);

            List<OutboxEvent> before = [.. Some.Deposits("x", 200), .. Some.Measurements(800)];
            List<OutboxEvent> during = [.. Some.Deposits("x", 200, from: 201), .. Some.Measurements(800)];
            await world.InsertAsync(before);
            await Eventually.GetAsync(() => world.CountAsync("effects"), count => count >= 100, "effects before the restart");
            await server.DisposeAsync();
            link.Cut();
            await HealthAsync(host.Services, HealthStatus.Degraded);
            await world.InsertAsync(during);
            server = await NativeServers.StartAsync(options);
            link.Lead(new Uri(server.RabbitMqConnectionString!).Port);

            await world.EffectsAsync(before.Count + during.Count);
            await world.OutboxEmptyAsync();
            await HealthAsync(host.Services, HealthStatus.Healthy);
            await host.StopAsync();
            await world.AssertExactlyOnceAsync([.. before, .. during]);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_broker_that_cannot_be_reached_burns_no_attempts()
    {
        await using var world = await LedgerWorld.CreateAsync();
        await using var link = new Link(0);
        link.Cut();
        await world.InsertAsync(Some.Deposits("x", 3));
        var host = Ledger.Build(world.Database, $"amqp://guest:guest@127.0.0.1:{link.Port}", LedgerRoles.Publish | LedgerRoles.ConsumeSingle);
        await using var disposal = host.Scope();
        await host.StartAsync();

        await HealthAsync(host.Services, HealthStatus.Unhealthy);
        await host.StopAsync();
        Assert.Equal(3, await world.CountAsync("outbox", "attempts = 0 AND not_before <= now()"));
    }

    [Fact]
    public async Task A_broker_that_accepts_and_says_nothing_does_not_hold_up_the_end_of_a_process()
    {
        await using var world = await LedgerWorld.CreateAsync();
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        var host = Ledger.Build(
            world.Database, $"amqp://guest:guest@127.0.0.1:{((IPEndPoint)mute.LocalEndpoint).Port}", LedgerRoles.Publish | LedgerRoles.ConsumeSingle);
        await host.StartAsync();
        using var publisher = await mute.AcceptSocketAsync();
        using var consumer = await mute.AcceptSocketAsync();

        // Half of what a host grants its services by default: not a measure of speed, but the line between stopping and being given up.
        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(15));
        await host.Scope().DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(15));
    }

    [Theory]
    [InlineData(LedgerRoles.ConsumeSingle)]
    [InlineData(LedgerRoles.ConsumeBatch)]
    public async Task A_database_that_goes_away_makes_no_dead_letters(LedgerRoles role)
    {
        await using var world = await LedgerWorld.CreateAsync();
        var database = new NpgsqlConnectionStringBuilder(world.Database);
        await using var link = new Link(database.Port);
        var server = database.Port;
        database.Port = link.Port;
        var events = role == LedgerRoles.ConsumeSingle ? Some.Deposits("x", 1500, ordered: false) : Some.Measurements(1500);
        await world.StartAsync(role, database: database.ConnectionString);
        await world.InsertAsync([.. events.Take(events.Count / 2)]);
        await world.StartAsync(LedgerRoles.Publish);

        await Eventually.GetAsync(() => world.CountAsync("effects"), count => count > 0, "effects before the outage");
        link.Cut();
        // However fast the consumer was with the first half, the second comes while there is no database.
        await world.InsertAsync([.. events.Skip(events.Count / 2)]);
        await world.OutboxEmptyAsync();
        // More failed attempts than would make a dead letter of a message that fails by itself (3).
        using var outages = new MeterCount("messaging.inbox.outages");
        await Eventually.GetAsync(() => Task.FromResult(outages.Value), count => count > 30, "messages held");
        link.Lead(server);

        await world.EffectsAsync(events.Count);
        await world.AssertExactlyOnceAsync(events);
    }

    [Fact]
    public async Task A_statement_that_is_too_slow_is_no_outage()
    {
        await using var world = await LedgerWorld.CreateAsync();
        var detector = new OutageDetector(world.DataSource, [e => e is FormatException], NullLogger<OutageDetector>.Instance);
        var slow = world.DataSource.CreateCommand("SELECT pg_sleep(30)");
        slow.CommandTimeout = 1;
        var timeout = await Assert.ThrowsAnyAsync<NpgsqlException>(() => slow.ExecuteScalarAsync());
        Assert.False(await detector.IsOutageAsync(timeout, CancellationToken.None));

        var conflict = await Assert.ThrowsAsync<PostgresException>(() => world.ExecuteAsync("SELECT 1 / 0"));
        Assert.False(await detector.IsOutageAsync(new InvalidOperationException("wrapped", conflict), CancellationToken.None));

        var killed = await Assert.ThrowsAnyAsync<NpgsqlException>(() => world.ExecuteAsync("SELECT pg_terminate_backend(pg_backend_pid())"));
        Assert.True(await detector.IsOutageAsync(new InvalidOperationException("wrapped", killed), CancellationToken.None));
        Assert.True(await detector.IsOutageAsync(new AggregateException(new FormatException()), CancellationToken.None));
        Assert.False(await detector.IsOutageAsync(new HttpRequestException("a vendor is down"), CancellationToken.None));
    }

    private static Task HealthAsync(IServiceProvider services, HealthStatus status) =>
        Eventually.EqualAsync(
            status,
            async () => (await services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "rabbitmq" && check.Tags.Contains("ready"))).Status,
            "health");
}
