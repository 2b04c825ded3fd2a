using BotGeneric.Simulators.Paddle.Adjustments;
using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.Catalogue;
using BotGeneric.Simulators.Paddle.Checkout;
using BotGeneric.Simulators.Paddle.Clock;
using BotGeneric.Simulators.Paddle.Control;
using BotGeneric.Simulators.Paddle.Customers;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.Persistence;
using BotGeneric.Simulators.Paddle.Portal;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Subscriptions;
using BotGeneric.Simulators.Paddle.Transactions;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Simulators.Paddle;

/// <summary>A stand-in for Paddle Billing, strict where Paddle is strict.</summary>
public static class PaddleSimulator
{
    private const int MaximumBodyBytes = 256 * 1024;

    /// <summary>Registers the simulator, when <c>Paddle:WebhookUrl</c> is set.</summary>
    /// <param name="builder">The simulators.</param>
    internal static void AddPaddleSimulator(this WebApplicationBuilder builder)
    {
        // Off where the real Paddle is configured. The section alone says nothing: billing's has the same name, and what an operator sets for
        // billing in the environment reaches this process too.
        if (string.IsNullOrEmpty(builder.Configuration[$"{PaddleSimulatorOptions.SectionName}:{nameof(PaddleSimulatorOptions.WebhookUrl)}"]))
        {
            return;
        }

        var services = builder.Services;
        services.AddOptions<PaddleSimulatorOptions>()
            .BindConfiguration(PaddleSimulatorOptions.SectionName)
            .ValidateDataAnnotations()
            .Validate(
                options => options.MoreDestinations.All(more => more.Url is not null && more.Secret.Length > 0),
                "Paddle:MoreDestinations: every destination needs a Url and a Secret.")
            .Validate(
                options => options.Tax.Values.All(rate => rate is >= 0m and < 1m), "Paddle:Tax: rates are from 0 to below 1, such as 0.2.")
            .Validate(
                options => options.RetryDelays.All(delay => delay >= TimeSpan.Zero && delay <= TimeSpan.FromDays(10)), "Paddle:RetryDelays: from 0 to 10 days each.")
            .ValidateOnStart();
#pragma warning disable EXTEXP0001 // A circuit breaker would keep back deliveries to a service that has just come back.
        services.AddHttpClient<PaddleNotifications>(client => client.Timeout = PaddleNotifications.Timeout)
            .RemoveAllResilienceHandlers()
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false });
#pragma warning restore EXTEXP0001
        AddState(services);
        AddApi(services);
        services.AddHostedService<NotificationDispatcher>();
        services.AddHostedService<PaddleHeartbeat>();
    }

    /// <summary>Maps <c>/paddle</c>, when the simulator is on.</summary>
    /// <param name="app">The simulators.</param>
    public static void MapPaddleSimulator(this IEndpointRouteBuilder app)
    {
        if (app.ServiceProvider.GetService<PaddleWorld>() is null)
        {
            return;
        }

        app.ServiceProvider.GetRequiredService<WorldJournal>().Open();
        app.MapPaddleApi();
        app.ServiceProvider.GetRequiredService<CheckoutEndpoints>().Map(app);
        app.ServiceProvider.GetRequiredService<PortalEndpoints>().Map(app);
        app.MapPaddleControl();
    }

    private static void AddState(IServiceCollection services)
    {
        services.AddSingleton<PaddleClock>();
        services.AddSingleton<PaddleIds>();
        services.AddSingleton<PaddleWorld>();
        services.AddSingleton<PaddleSchedule>();
        services.AddSingleton<PaddleEngine>();
        services.AddSingleton<DeliveryQueue>();
        services.AddSingleton<EventLog>();
        services.AddSingleton<WorldJournal>();
        services.AddSingleton<Taxes>();
        services.AddSingleton<Pricing>();
        services.AddSingleton<CheckoutLinks>();
        services.AddSingleton<CustomerDirectory>();
        services.AddSingleton<TransactionFlow>();
        services.AddSingleton<LineReader>();
        services.AddSingleton<SubscriptionCollection>();
        services.AddSingleton<SubscriptionLifecycle>();
        services.AddSingleton<DunningProcess>();
        services.AddSingleton<AdjustmentFlow>();
        services.AddSingleton<ChangeRules>();
        services.AddSingleton<SubscriptionChanges>();
        services.AddSingleton<SubscriptionPreviews>();
        services.AddSingleton<CheckoutFlow>();
        services.AddSingleton<PortalLinks>();
        services.AddSingleton<PaddleScenarios>();
    }

    private static void AddApi(IServiceCollection services)
    {
        services.AddSingleton<PaddleFaults>();
        services.AddSingleton<PaddleRateLimit>();
        services.AddSingleton<CatalogueApi>();
        services.AddSingleton<CustomersApi>();
        services.AddSingleton<TransactionsApi>();
        services.AddSingleton<SubscriptionsApi>();
        services.AddSingleton<SubscriptionActionsApi>();
        services.AddSingleton<AdjustmentsApi>();
        services.AddSingleton<PortalApi>();
        services.AddSingleton<PricingPreviewApi>();
        services.AddSingleton<ReferenceApi>();
        services.AddSingleton<NotificationsApi>();
        services.AddSingleton<CheckoutEndpoints>();
        services.AddSingleton<PortalEndpoints>();
    }

    private static void MapPaddleApi(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        // The caller's key is checked as Paddle does it; the system's own tokens mean nothing here.
        var group = app.MapGroup(PaddlePaths.Api.TrimEnd('/')).AllowAnonymous().ExcludeFromDescription()
            .AddEndpointFilter<PaddleGate>()
            .WithMetadata(new RequestSizeLimitAttribute(MaximumBodyBytes));
        var links = services.GetRequiredService<CheckoutLinks>();
        var routes = new PaddleRoutes(group, services.GetRequiredService<PaddleEngine>(), () => links.Origin + PaddlePaths.Api);
        services.GetRequiredService<CatalogueApi>().Map(routes);
        services.GetRequiredService<CustomersApi>().Map(routes);
        services.GetRequiredService<TransactionsApi>().Map(routes);
        services.GetRequiredService<SubscriptionsApi>().Map(routes);
        services.GetRequiredService<SubscriptionActionsApi>().Map(routes);
        services.GetRequiredService<AdjustmentsApi>().Map(routes);
        services.GetRequiredService<PortalApi>().Map(routes);
        services.GetRequiredService<PricingPreviewApi>().Map(routes);
        services.GetRequiredService<ReferenceApi>().Map(routes);
        services.GetRequiredService<NotificationsApi>().Map(routes);
        group.Map("/{**path}", () => (Answer)new Refusal(StatusCodes.Status404NotFound, "invalid_url", "The URL you have called is invalid."));
    }
}
