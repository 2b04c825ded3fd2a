using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Api;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Limits;
using BotGeneric.Policy.Messaging;
using BotGeneric.Policy.Reconciliation;
using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.Data;
using BotGeneric.ServiceDefaults.OpenApi;
using BotGeneric.ServiceDefaults.Validation;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddServiceDatabase<PolicyDbContext>("policy-db");
builder.AddRedisClient("redis", PolicyRedis.Configure, measuresItself: true);
builder.AddMessaging<PolicyDbContext>("policy", messaging =>
{
    messaging.ConsumesBatch<SubscriptionChanged, SubscriptionChangedHandler>(SubscriptionChangedHandler.Gather);
    messaging.ConsumesBatch<UsageRecorded, UsageRecordedHandler>();
    messaging.Consumes<UsageCounted, UsageCountedHandler>();
    messaging.Consumes<UsageTotalled, UsageTotalledHandler>();
    messaging.Publishes<UsageCounted>().Publishes<LimitThresholdReached>().Publishes<LimitExceeded>();
    messaging.TreatAsOutage(exception => exception is CountersUnavailableException);
    messaging.AddPolicyEvents();
    messaging.ErasesPeople<PersonEraser>();
    messaging.MergesAccounts<AccountMerger>();
});
builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, ServiceOpenApi.Describe);
builder.Services.AddOptions<PolicyOptions>().BindConfiguration(PolicyOptions.SectionName).ValidateEntries(PolicyOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
builder.Services.AddScoped<LimitsQuery>();
builder.Services.AddDecisions();
builder.AddPolicies();

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapMessagingAdmin("policy");
app.MapLimitsApi();
app.MapDecisionsApi();
app.MapHoldsApi();
app.MapPolicyAdministration();
app.MapReconciliationApi();

await app.RunServiceAsync(args);
