using BotGeneric.Messaging.Bus;
using BotGeneric.Messaging.DeadLetters;
using BotGeneric.Messaging.Inbox;
using BotGeneric.Messaging.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BotGeneric.Messaging;

/// <summary>Adds messaging to a service.</summary>
public static class MessagingExtensions
{
    /// <summary>The connection string of the broker, an AMQP URI: <c>amqp://user:password@host:port/virtual-host</c>.</summary>
    public const string ConnectionName = "rabbitmq";

    /// <summary>
    /// Adds the outbox with its dispatcher, the consumers with their inbox, dead letters, retention, and a health check named
    /// <c>rabbitmq</c> with the tag <c>ready</c>. The service registers its <see cref="NpgsqlDataSource"/> and <typeparamref name="TDbContext"/>.
    /// </summary>
    /// <param name="builder">The service's host.</param>
    /// <param name="service">The service's name in queue names, such as <c>billing</c>.</param>
    /// <param name="configure">What the service says and hears.</param>
    /// <typeparam name="TDbContext">The service's database, whose model includes <see cref="MessagingModelExtensions.AddMessaging"/>.</typeparam>
    /// <exception cref="InvalidOperationException">
    /// The connection string is missing or no AMQP URI, or an event or a queue is not in the topology.
    /// </exception>
    public static IHostApplicationBuilder AddMessaging<TDbContext>(
        this IHostApplicationBuilder builder, string service, Action<MessagingBuilder<TDbContext>> configure)
        where TDbContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(service);
        ArgumentNullException.ThrowIfNull(configure);

        var services = builder.Services;
        services.AddOptions<MessagingOptions>().Bind(builder.Configuration.GetSection(MessagingOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        var messaging = new MessagingBuilder<TDbContext>(services, service);
        configure(messaging);

        services.AddSingleton(new MessagingRegistry(service, messaging.Topology, messaging.Published, messaging.Consumers));
        services.AddSingleton(new BrokerEndpoint(BrokerUri(builder.Configuration)));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<BrokerState>();
        services.AddSingleton<IOutbox, TransactionalOutbox>();
        services.AddSingleton<OutboxWake>();
        services.AddSingleton<BrokerPublisher>();
        services.AddSingleton(provider => new OutageDetector(
            provider.GetRequiredService<NpgsqlDataSource>(), messaging.AlsoOutages, provider.GetRequiredService<ILogger<OutageDetector>>()));
        services.AddSingleton<OutageHold>();
        services.AddSingleton<DeadLetterWriter>();
        services.AddSingleton<DeadLetterReplay>();
        services.AddSingleton<ConsumerBus>();
        services.AddHostedService(provider => provider.GetRequiredService<ConsumerBus>());
        services.AddSingleton<Retention>();
        services.AddHostedService(provider => provider.GetRequiredService<Retention>());
        if (messaging.Published.Count > 0)
        {
            services.AddHostedService<OutboxListener>();
            services.AddSingleton<OutboxDispatcher>();
            services.AddHostedService(provider => provider.GetRequiredService<OutboxDispatcher>());
        }

        // A service that neither says nor hears anything yet has no view of the broker to report.
        if (messaging.Published.Count + messaging.Consumers.Count > 0)
        {
            services.AddSingleton<BrokerHealthCheck>();
            services.AddHealthChecks().Add(new HealthCheckRegistration(
                ConnectionName, provider => provider.GetRequiredService<BrokerHealthCheck>(), HealthStatus.Unhealthy, ["ready"]));
        }

        return builder;
    }

    internal static Uri BrokerUri(IConfiguration configuration)
    {
        var value = configuration.GetConnectionString(ConnectionName);
        if (string.IsNullOrWhiteSpace(value))
            throw new InvalidOperationException($"ConnectionStrings:{ConnectionName} is missing.");
        // The value holds a password, so no message quotes it.
        return Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps"
            ? uri
            : throw new InvalidOperationException($"ConnectionStrings:{ConnectionName} is not an AMQP URI (amqp://user:password@host:port/).");
    }
}
