using System.Diagnostics.Metrics;
using BotGeneric.Messaging.Bus;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BotGeneric.Messaging.Broadcasts;

/// <summary>Lets every replica of a process hear an event, for caches and lists of what was revoked.</summary>
public static class BroadcastExtensions
{
    /// <summary>
    /// Listens to events without an inbox: each process has a queue of its own that ends with its connection. <see cref="BroadcastState"/>
    /// says whether it is connected, as does the gauge <c>messaging.broadcasts.connected</c>.
    /// </summary>
    /// <param name="builder">The process being built.</param>
    /// <param name="process">Its name in the broker's list of connections.</param>
    /// <param name="configure">What it hears.</param>
    /// <exception cref="InvalidOperationException">The connection string is missing or no AMQP URI.</exception>
    public static void AddBroadcasts(this IHostApplicationBuilder builder, string process, Action<BroadcastBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(process);
        ArgumentNullException.ThrowIfNull(configure);

        var broadcasts = new BroadcastBuilder();
        configure(broadcasts);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(new BrokerEndpoint(MessagingExtensions.BrokerUri(builder.Configuration)));
        builder.Services.AddSingleton<BroadcastState>();
        builder.Services.AddHostedService(services =>
        {
            var state = services.GetRequiredService<BroadcastState>();
            services.GetService<IMeterFactory>()?.Create(MessagingDiagnostics.Name)
                .CreateObservableGauge("messaging.broadcasts.connected", () => state.IsConnected ? 1 : 0, null, "1 while this process hears broadcasts, else 0.");
            return new BroadcastListener(
                process,
                broadcasts.Subscriptions.ToDictionary(subscription => subscription.Key, subscription => subscription.Value.Create(services)),
                services.GetRequiredService<BrokerEndpoint>(),
                state,
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<BroadcastListener>>());
        });
    }
}
