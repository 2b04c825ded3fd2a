using BotGeneric.Billing.Api;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Messaging;
using BotGeneric.Billing.Mirror;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Reconciliation;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.Data;
using BotGeneric.ServiceDefaults.OpenApi;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddServiceDatabase<BillingDbContext>("billing-db", preparedStatements: 100);
builder.AddMessaging<BillingDbContext>("billing", messaging =>
    messaging
        .Publishes<SubscriptionChanged>().Publishes<PlanChanged>()
        .Publishes<PaymentCompleted>().Publishes<PaymentFailed>().Publishes<PaymentRefunded>()
        .ErasesPeople<PersonEraser>().MergesAccounts<AccountMerger>());
builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, ServiceOpenApi.Describe);
builder.Services.AddCatalogue();
builder.Services.AddMirror();
builder.Services.AddPaddle();
builder.Services.AddShop();
builder.Services.AddBillingAdmin();
builder.Services.AddReconciliation();

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapMessagingAdmin("billing");
app.MapPlansApi();
app.MapShopApi();
app.MapPaddleWebhookApi();
app.MapBillingAdmin();

await app.RunServiceAsync(args);
