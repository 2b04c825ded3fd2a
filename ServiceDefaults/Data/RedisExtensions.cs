using BotGeneric.ServiceDefaults.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace BotGeneric.ServiceDefaults.Data;

/// <summary>Redis by the name of its connection string, as <c>Aspire.StackExchange.Redis</c> offers it.</summary>
public static class RedisExtensions
{
    /// <summary>
    /// Registers one <see cref="IConnectionMultiplexer"/> for <c>ConnectionStrings:{connectionName}</c> with a health check, traces and metrics.
    /// A server that is away does not stop the process: the client reconnects, the health check says <c>degraded</c>.
    /// </summary>
    /// <param name="builder">The process being built.</param>
    /// <param name="connectionName">The name of the connection string.</param>
    /// <param name="configure">Changes what the connection string says; for what a service cannot do without.</param>
    /// <param name="measuresItself">Whether the service measures its commands with <see cref="RedisTelemetry.Begin"/> instead of the client.</param>
    /// <exception cref="InvalidOperationException">The connection string is missing; the message names its key.</exception>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder, string connectionName, Action<ConfigurationOptions>? configure = null, bool measuresItself = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        var configuration = ConfigurationOptions.Parse(builder.Configuration.RequireConnectionString(connectionName));
        configuration.AbortOnConnectFail = false;
        configuration.ClientName = builder.Environment.ApplicationName;
        configure?.Invoke(configuration);

        if (!measuresItself)
        {
            builder.Services.AddSingleton<RedisProfiler>();
            builder.Services.AddHostedService(services => services.GetRequiredService<RedisProfiler>());
        }

        builder.Services.AddSingleton<IConnectionMultiplexer>(services =>
        {
            configuration.LoggerFactory = services.GetRequiredService<ILoggerFactory>();
            var multiplexer = ConnectionMultiplexer.Connect(configuration);
            services.GetService<RedisProfiler>()?.Observe(multiplexer);
            return multiplexer;
        });
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            connectionName,
            services => new RedisHealthCheck(services.GetRequiredService<IConnectionMultiplexer>()),
            // What needs Redis says itself what it does without it; the process is of use all the same.
            HealthStatus.Degraded,
            tags: null,
            HealthExtensions.CheckTimeout));
    }

    /// <summary>Healthy when the server answers a ping.</summary>
    private sealed class RedisHealthCheck(IConnectionMultiplexer multiplexer) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await multiplexer.GetDatabase().PingAsync().WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
    }
}
