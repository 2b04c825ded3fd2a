using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using BotGeneric.ServiceDefaults.Data;
using BotGeneric.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StackExchange.Redis;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class DataTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public void A_connection_string_that_is_missing_is_named()
    {
        var exception = Assert.Throws<InvalidOperationException>(
            () => TestService.Build(_ => { }, builder => builder.AddNpgsqlDataSource("billing-db")));

        Assert.Contains("ConnectionStrings:billing-db", exception.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__billing-db", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_tells_whether_the_servers_answer()
    {
        await using var database = await TestDatabase.CreateAsync("health");
        await using var service = await TestService.StartAsync(
            _ => { },
            builder =>
            {
                builder.AddNpgsqlDataSource("billing-db");
                builder.AddRedisClient("redis");
            },
            ("ConnectionStrings:billing-db", database.ConnectionString),
            ("ConnectionStrings:redis", "127.0.0.1:1,connectTimeout=200,connectRetry=0,asyncTimeout=200"));
        using var client = service.CreateVisitor();

        using var response = await client.GetAsync("/health");
        var text = await response.Content.ReadAsStringAsync();

        Assert.Contains("\"billing-db\":\"healthy\"", text, StringComparison.Ordinal);
        Assert.Contains("\"redis\":\"degraded\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_away_is_503_also_through_Entity_Framework()
    {
        await using var service = await TestService.StartAsync(
            app => app.MapGet("/rows", async (AwayContext db) => await db.Database.SqlQueryRaw<int>("SELECT 1 AS \"Value\"").ToListAsync()).AllowAnonymous(),
            builder => builder.AddServiceDatabase<AwayContext>("away-db"),
            ("ConnectionStrings:away-db", "Host=127.0.0.1;Port=1;Username=nobody;Database=nothing;Timeout=2"));
        using var client = service.CreateVisitor();

        using var response = await client.GetAsync("/rows");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("", 40)]
    [InlineData(";Maximum Pool Size=7", 7)]
    public async Task A_pool_is_small_unless_configured_otherwise(string setting, int expected)
    {
        await using var service = await TestService.StartAsync(
            _ => { },
            builder => builder.AddNpgsqlDataSource("billing-db"),
            ("ConnectionStrings:billing-db", $"Host=127.0.0.1;Port=1;Username=nobody;Database=nothing{setting}"));

        var dataSource = service.Services.GetRequiredService<NpgsqlDataSource>();

        Assert.Equal(expected, new NpgsqlConnectionStringBuilder(dataSource.ConnectionString).MaxPoolSize);
    }

    [Fact]
    public async Task A_command_to_Redis_is_a_span_under_the_operation_that_sent_it()
    {
        using var spans = new RedisSpans();
        await using var service = await TestService.StartAsync(
            _ => { }, builder => builder.AddRedisClient("redis"), ("ConnectionStrings:redis", await TestServers.RedisAsync()));
        var redis = service.Services.GetRequiredService<IConnectionMultiplexer>();

        var span = await spans.OfAsync(() => redis.GetDatabase().StringSetAsync($"test:{Guid.CreateVersion7()}", "value", TimeSpan.FromMinutes(1)));

        Assert.Equal("SETEX", span.DisplayName);
        Assert.Equal("redis", span.GetTagItem("db.system.name"));
        Assert.DoesNotContain(span.TagObjects, tag => tag.Value?.ToString()?.Contains("test:", StringComparison.Ordinal) is true);
    }

    [Fact]
    public async Task A_service_that_measures_its_commands_itself_has_one_span_for_each_and_a_duration()
    {
        using var spans = new RedisSpans();
        var durations = new ConcurrentQueue<double>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, listener) => Listen(instrument, listener) };
        listener.SetMeasurementEventCallback<double>((_, duration, tags, _) => Note(durations, duration, tags, "GET-OF-THIS-TEST"));
        listener.Start();
        await using var service = await TestService.StartAsync(
            _ => { }, builder => builder.AddRedisClient("redis", measuresItself: true), ("ConnectionStrings:redis", await TestServers.RedisAsync()));
        var redis = service.Services.GetRequiredService<IConnectionMultiplexer>();

        var span = await spans.OfAsync(async () =>
        {
            using var command = RedisTelemetry.Begin("GET-OF-THIS-TEST");
            await redis.GetDatabase().StringGetAsync("nothing");
        });

        Assert.Equal("GET-OF-THIS-TEST", span.DisplayName);
        Assert.Equal(ActivityKind.Client, span.Kind);
        Assert.Equal("redis", span.GetTagItem("db.system.name"));
        Assert.InRange(Assert.Single(durations), double.Epsilon, Patience.TotalSeconds);
    }

    [Fact]
    public async Task Migrate_applies_the_migrations_and_exits()
    {
        await using var database = await TestDatabase.CreateAsync("migrate");
        await using var app = Build(database);

        await app.RunServiceAsync(["--migrate"]).WaitAsync(Patience);

        Assert.Equal(1L, await CountTablesAsync(database));
    }

    [Fact]
    public async Task A_service_refuses_to_start_on_a_schema_that_is_behind()
    {
        await using var database = await TestDatabase.CreateAsync("behind");
        await using var app = Build(database);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => app.RunServiceAsync([]).WaitAsync(Patience));

        Assert.Contains("--migrate", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0L, await CountTablesAsync(database));
    }

    private static void Listen(Instrument instrument, MeterListener listener)
    {
        if (instrument is { Meter.Name: "BotGeneric.Redis", Name: "db.client.operation.duration" })
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    private static void Note(ConcurrentQueue<double> durations, double duration, ReadOnlySpan<KeyValuePair<string, object?>> tags, string command)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == "db.operation.name" && Equals(tag.Value, command))
            {
                durations.Enqueue(duration);
            }
        }
    }

    private static WebApplication Build(TestDatabase database) => TestService.Build(
        _ => { }, builder => builder.AddServiceDatabase<ThingsDbContext>("things-db"), ("ConnectionStrings:things-db", database.ConnectionString));

    private static async Task<long> CountTablesAsync(TestDatabase database)
    {
        await using var dataSource = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = dataSource.CreateCommand("SELECT count(*) FROM information_schema.tables WHERE table_name = 'things'");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    internal sealed class ThingsDbContext(DbContextOptions<ThingsDbContext> options) : DbContext(options);

    [DbContext(typeof(ThingsDbContext))]
    [Migration("20260301120000_Initial")]
    internal sealed class Initial : Migration
    {
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE TABLE things (id uuid PRIMARY KEY)");
    }

    private sealed class AwayContext(DbContextOptions<AwayContext> options) : DbContext(options);
}
