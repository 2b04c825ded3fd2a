using BotGeneric.Agents.Api;
using BotGeneric.Agents.Data;
using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.Data;
using BotGeneric.ServiceDefaults.OpenApi;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddServiceDatabase<AgentsDbContext>("agents-db");
builder.AddMessaging<AgentsDbContext>("agents", messaging => messaging.ErasesPeople());
builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, ServiceOpenApi.Describe);

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapMessagingAdmin("agents");
app.MapAgentsApi();

await app.RunServiceAsync(args);
