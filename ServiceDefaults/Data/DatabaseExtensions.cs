using BotGeneric.ServiceDefaults.Idempotency;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.ServiceDefaults.Data;

/// <summary>A service's own database: its context, and how its schema gets there.</summary>
public static partial class DatabaseExtensions
{
    private static readonly TimeSpan MigrationTimeout = TimeSpan.FromHours(1);

    /// <summary>The argument with which a service applies its migrations and exits.</summary>
    public const string MigrateArgument = "--migrate";

    /// <summary>
    /// Registers <typeparamref name="TContext"/> on the data source of <c>ConnectionStrings:{connectionName}</c>, with snake_case names.
    /// </summary>
    /// <typeparam name="TContext">The service's context.</typeparam>
    /// <param name="builder">The process being built.</param>
    /// <param name="connectionName">The name of the connection string.</param>
    /// <param name="preparedStatements">How many statements each connection prepares by itself; <see cref="NpgsqlExtensions.AddNpgsqlDataSource"/>.</param>
    public static void AddServiceDatabase<TContext>(this IHostApplicationBuilder builder, string connectionName, int preparedStatements = 0)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddNpgsqlDataSource(connectionName, preparedStatements);
        builder.Services.TryAddSingleton<SaveFailures>();
        builder.Services.AddDbContextPool<TContext>((services, options) => services.GetRequiredService<SaveFailures>().Watch(options
            .UseNpgsql(services.GetRequiredService<NpgsqlDataSource>())
            .UseSnakeCaseNamingConvention()));
        builder.Services.AddScoped<DbContext>(services => services.GetRequiredService<TContext>());
        builder.Services.AddIdempotencyKeys();
    }

    /// <summary>
    /// Runs the service. With <c>--migrate</c> it applies the migrations and exits; with <c>Database:MigrateOnStart</c> it applies
    /// them first; otherwise it refuses to start on a schema that is behind.
    /// </summary>
    /// <param name="app">The process.</param>
    /// <param name="args">The process' arguments.</param>
    /// <returns>A task that ends with the process.</returns>
    /// <exception cref="InvalidOperationException">Migrations are pending and nothing allows to apply them.</exception>
    /// <exception cref="OptionsValidationException">The certificate of the key ring is not the one that the stored keys need.</exception>
    public static async Task RunServiceAsync(this WebApplication app, string[] args)
    {
        ArgumentNullException.ThrowIfNull(app);
        var migrateAndExit = args.Contains(MigrateArgument, StringComparer.Ordinal);
        await app.PrepareDatabaseAsync(migrateAndExit || app.Configuration.GetValue<bool>("Database:MigrateOnStart"));
        if (!migrateAndExit)
        {
            app.Services.GetService<StoredKeys>()?.Verify();
            await app.RunAsync();
        }
    }

    private static async Task PrepareDatabaseAsync(this WebApplication app, bool migrate)
    {
        await using var scope = app.Services.CreateAsyncScope();
        if (scope.ServiceProvider.GetService<DbContext>() is not { } context)
        {
            return;
        }

        var pending = (await context.Database.GetPendingMigrationsAsync()).ToList();
        if (pending.Count == 0)
        {
            return;
        }

        if (!migrate)
        {
            throw new InvalidOperationException(
                $"The database is {pending.Count} migration(s) behind ({string.Join(", ", pending)}). Run this service once with {MigrateArgument}, or set Database:MigrateOnStart=true.");
        }

        // What is done once to a table of millions takes longer than what is done for a request.
        context.Database.SetCommandTimeout(MigrationTimeout);
        // Entity Framework takes a lock in the database for this, so replicas that start together wait for one another.
        await context.Database.MigrateAsync();
        LogMigrated(app.Logger, pending.Count);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Applied {Count} migration(s)")]
    private static partial void LogMigrated(ILogger logger, int count);
}
