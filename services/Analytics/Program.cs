using BotGeneric.Analytics.Api;
using BotGeneric.Analytics.Data;
using BotGeneric.Analytics.Messaging;
using BotGeneric.Analytics.Trends;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.Data;
using BotGeneric.ServiceDefaults.OpenApi;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddServiceDatabase<AnalyticsDbContext>("analytics-db");
builder.AddMessaging<AnalyticsDbContext>("analytics", messaging =>
{
    messaging.ConsumesBatch<SubscriptionChanged, SubscriptionChangedHandler>(options => options.Concurrency = 1);
    messaging.ConsumesBatch<UsageRecorded, UsageRecordedHandler>();
    messaging.ErasesPeople<PersonEraser>();
    messaging.MergesAccounts<AccountMerger>();
});
builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, ServiceOpenApi.Describe);
builder.Services.AddScoped<TrendsQuery>();

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapMessagingAdmin("analytics");
app.MapTrendsApi();
app.MapSubscriptionStatsApi();

await app.RunServiceAsync(args);
