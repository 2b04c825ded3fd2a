using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.Data;
using BotGeneric.ServiceDefaults.OpenApi;
using BotGeneric.Telegram.Api;
using BotGeneric.Telegram.Data;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddServiceDatabase<TelegramDbContext>("telegram-db");
builder.AddMessaging<TelegramDbContext>("telegram", messaging => messaging.ErasesPeople());
builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, ServiceOpenApi.Describe);

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapMessagingAdmin("telegram");
app.MapBotsApi();

await app.RunServiceAsync(args);
