using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BotGeneric.Messaging.TestHost;

/// <summary>What one instance of the test service does.</summary>
[Flags]
public enum LedgerRoles
{
    None = 0,
    Publish = 1,
    ConsumeSingle = 2,
    ConsumeBatch = 4,

    /// <summary>Publishes deposits only, as an older version of the service might.</summary>
    PublishDeposits = 8,
    All = Publish | ConsumeSingle | ConsumeBatch,
}

/// <summary>The test service.</summary>
public static class Ledger
{
    public const string Service = "ledger";
    public const string DepositedQueue = "ledger.deposited";
    public const string MeasuredQueue = "ledger.measured";
    public const string AnnouncedQueue = "elsewhere.announced";
    public const string DatabaseName = "ledger";

    public static IMessagingTopology Topology { get; } = new MessagingTopology(
    [
        MessagingTopology.Route<Deposited>(new ConsumerQueue(DepositedQueue)),
        MessagingTopology.Route<Measured>(new ConsumerQueue(MeasuredQueue)),
        MessagingTopology.Route<Announced>(new ConsumerQueue(AnnouncedQueue, Ordered: true)),
    ]);

    /// <summary>Adds the service to a host whose configuration has its two connection strings.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="roles">What it does.</param>
    /// <param name="options">Changes options.</param>
    /// <param name="gathering">How long a batch waits until it is full; null: as long as in production.</param>
    public static void Add(IHostApplicationBuilder builder, LedgerRoles roles, Action<MessagingOptions>? options = null, TimeSpan? gathering = null)
    {
        var database = builder.Configuration.GetConnectionString(DatabaseName)
            ?? throw new InvalidOperationException($"ConnectionStrings:{DatabaseName} is missing.");
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(database));
        builder.Services.AddDbContext<LedgerDb>((services, context) => context.UseNpgsql(services.GetRequiredService<NpgsqlDataSource>()));
        builder.AddMessaging<LedgerDb>(Service, messaging =>
        {
            messaging.Topology = Topology;
            messaging.Options(Quick);
            if (options is not null)
                messaging.Options(options);
            if (roles.HasFlag(LedgerRoles.Publish))
                messaging.Publishes<Deposited>().Publishes<Measured>().Publishes<Announced>();
            if (roles.HasFlag(LedgerRoles.PublishDeposits))
                messaging.Publishes<Deposited>();
            if (roles.HasFlag(LedgerRoles.ConsumeSingle))
                messaging.Consumes<Deposited, DepositedHandler>();
            if (roles.HasFlag(LedgerRoles.ConsumeBatch))
                messaging.ConsumesBatch<Measured, MeasuredHandler>(batch => (batch.MessageLimit, batch.TimeLimit) = (100, gathering ?? batch.TimeLimit));
        });
    }

    public static IHost Build(string database, string broker, LedgerRoles roles, Action<MessagingOptions>? options = null, TimeSpan? gathering = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"ConnectionStrings:{DatabaseName}"] = database,
            [$"ConnectionStrings:{MessagingExtensions.ConnectionName}"] = broker,
        });
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        Add(builder, roles, options, gathering);
        return builder.Build();
    }

    /// <summary>Creates the tables, with the trigger as a service's migration would.</summary>
    public static async Task CreateTablesAsync(string database)
    {
        await using var db = new LedgerDb(new DbContextOptionsBuilder<LedgerDb>().UseNpgsql(database).Options);
        await db.Database.EnsureCreatedAsync();
        var migration = new MigrationBuilder(db.Database.ProviderName);
        migration.CreateOutboxTrigger();
        foreach (var operation in migration.Operations.OfType<SqlOperation>())
            await db.Database.ExecuteSqlRawAsync(operation.Sql);
    }

    /// <summary>Pauses that fit a test: what takes minutes in production takes fractions of a second.</summary>
    private static void Quick(MessagingOptions options)
    {
        options.OutboxPollInterval = TimeSpan.FromSeconds(1);
        options.PublishRetryDelay = TimeSpan.FromMilliseconds(50);
        options.MaxPublishRetryDelay = TimeSpan.FromMilliseconds(500);
        options.PublishAttempts = 4;
        options.ConsumeAttempts = 3;
        options.ConsumeRetryDelay = TimeSpan.FromMilliseconds(20);
        options.MaxOutageDelay = TimeSpan.FromMilliseconds(500);
    }
}
