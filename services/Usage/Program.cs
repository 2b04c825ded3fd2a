using BotGeneric.Contracts.Agents.V1;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.Data;
using BotGeneric.ServiceDefaults.OpenApi;
using BotGeneric.Usage;
using BotGeneric.Usage.Api;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Ledger;
using BotGeneric.Usage.Messaging;
using BotGeneric.Usage.Rollups;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddServiceDatabase<UsageDbContext>("usage-db");
builder.Services.AddLedger();
builder.AddMessaging<UsageDbContext>("usage", messaging => messaging
    .Publishes<UsageRecorded>()
    .Publishes<UsageTotalled>()
    .ConsumesBatch<LlmCallCompleted, LlmCallRecorder>()
    .ErasesPeople<PersonEraser>()
    .MergesAccounts<AccountMerger>());
builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, ServiceOpenApi.Describe);
builder.Services.AddPrices();
builder.Services.AddRollups();

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapMessagingAdmin("usage");
app.MapUsageEventsApi();
app.MapUsageHistoryApi();
app.MapUsageQueryApi();
app.MapAdminUsageApi();
app.MapAdminMetersApi();
app.MapAdminCorrectionsApi();
app.MapPricesApi();

if (args.Contains(RollupRebuild.Argument, StringComparer.Ordinal))
{
    await app.Services.GetRequiredService<RollupRebuild>().RunAllAsync(CancellationToken.None);
    return;
}

await app.RunServiceAsync(args);
