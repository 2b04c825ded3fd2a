namespace BotGeneric.Billing.Api;

/// <summary>What people and their organizations buy and change.</summary>
public static class ShopApi
{
    /// <summary>Maps <c>/api/subscriptions</c> and <c>/api/billing</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapShopApi(this IEndpointRouteBuilder app)
    {
        app.MapCheckoutApi();
        app.MapCurrentSubscriptionApi();
        app.MapPlanChangeApi();
        app.MapPaymentLinksApi();
        app.MapPaymentsApi();
    }
}
