using BotGeneric.Billing.Api;
using BotGeneric.Billing.Mirror;
using BotGeneric.Billing.Subscriptions;

namespace BotGeneric.Billing.Checkouts;

/// <summary>Registers what people and their organizations buy and change with.</summary>
internal static class ShopServices
{
    internal static void AddShop(this IServiceCollection services)
    {
        services.AddOptions<ShopOptions>().BindConfiguration(ShopOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<AnswerMirror>();
        services.AddScoped<AccountPayers>();
        services.AddScoped<TrialUse>();
        services.AddScoped<CheckoutSettlement>();
        services.AddScoped<CheckoutDesk>();
        services.AddScoped<CheckoutViews>();
        services.AddScoped<SubscriptionDesk>();
        services.AddScoped<SubscriptionViews>();
        services.AddScoped<PlanChanges>();
        services.AddSingleton<CheckoutKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<CheckoutKeeper>());
    }
}
