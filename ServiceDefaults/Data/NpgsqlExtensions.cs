using System.Diagnostics;
using BotGeneric.ServiceDefaults.Health;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BotGeneric.ServiceDefaults.Data;

/// <summary>PostgreSQL by the name of its connection string, as <c>Aspire.Npgsql</c> offers it.</summary>
public static class NpgsqlExtensions
{
    // Eight services with Npgsql's own default of 100 would ask one development server for more connections than it has.
    private const int DefaultMaximumPoolSize = 40;

    /// <summary>
    /// Registers a pooled <see cref="NpgsqlDataSource"/> for <c>ConnectionStrings:{connectionName}</c> with a health check, traces and metrics.
    /// </summary>
    /// <param name="builder">The process being built.</param>
    /// <param name="connectionName">The name of the connection string.</param>
    /// <param name="preparedStatements">
    /// How many statements each connection prepares, each from its fifth use on, unless the connection string says <c>Max Auto Prepare</c>. A pooler between service and server must
    /// know prepared statements then, as PgBouncer does from 1.21 on. A statement with <c>*</c> that was prepared before a migration added a column fails once on each connection.
    /// </param>
    /// <exception cref="InvalidOperationException">The connection string is missing; the message names its key.</exception>
    public static void AddNpgsqlDataSource(this IHostApplicationBuilder builder, string connectionName, int preparedStatements = 0)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        var connectionString = builder.Configuration.RequireConnectionString(connectionName);
        builder.Services.AddSingleton(services =>
        {
            var dataSource = new NpgsqlDataSourceBuilder(connectionString) { Name = connectionName };
            // ContainsKey is true for every keyword that exists; the keys are those that are set.
            var keys = dataSource.ConnectionStringBuilder.Keys.Cast<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
            if (!keys.Contains("Maximum Pool Size"))
            {
                dataSource.ConnectionStringBuilder.MaxPoolSize = DefaultMaximumPoolSize;
            }

            if (!keys.Contains("Max Auto Prepare"))
            {
                dataSource.ConnectionStringBuilder.MaxAutoPrepare = preparedStatements;
            }

            dataSource.ConnectionStringBuilder.ApplicationName ??= builder.Environment.ApplicationName;
            dataSource.UseLoggerFactory(services.GetRequiredService<ILoggerFactory>());
            // A query that belongs to nothing is a worker's look for work; there are several a second, and each would be a trace of its own.
            dataSource.ConfigureTracing(tracing => tracing.ConfigureCommandFilter(_ => Activity.Current is not null));
            return dataSource.Build();
        });
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            connectionName,
            services => new NpgsqlHealthCheck(services.GetRequiredService<NpgsqlDataSource>()),
            failureStatus: null,
            tags: null,
            HealthExtensions.CheckTimeout));
    }

    internal static string RequireConnectionString(this IConfiguration configuration, string name) =>
        configuration.GetConnectionString(name) is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException(
                $"The connection string '{name}' is missing. Set ConnectionStrings:{name} (environment: ConnectionStrings__{name}).");

    /// <summary>Healthy when the server answers a query.</summary>
    private sealed class NpgsqlHealthCheck(NpgsqlDataSource dataSource) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await using var command = dataSource.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
    }
}
