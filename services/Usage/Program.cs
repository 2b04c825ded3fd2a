using BotGeneric.Contracts.Agents.V1;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.Data;
using BotGeneric.ServiceDefaults.OpenApi;
using BotGeneric.Usage.Api;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Ledger;
using BotGeneric.Usage.Messaging;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddServiceDatabase<UsageDbContext>("usage-db");
builder.Services.AddLedger();
builder.AddMessaging<UsageDbContext>("usage", messaging => messaging
    .Publishes<UsageRecorded>()
    .ConsumesBatch<LlmCallCompleted, LlmCallRecorder>()
    .ErasesPeople<PersonEraser>()
    .MergesAccounts<AccountMerger>());
builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, ServiceOpenApi.Describe);

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapMessagingAdmin("usage");
app.MapUsageEventsApi();
app.MapUsageHistoryApi();
app.MapAdminMetersApi();
app.MapAdminCorrectionsApi();

await app.RunServiceAsync(args);
