using BotGeneric.Messaging;
using BotGeneric.Notifications.Api;
using BotGeneric.Notifications.Data;
using BotGeneric.Notifications.Email;
using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.Data;
using BotGeneric.ServiceDefaults.OpenApi;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddServiceDatabase<NotificationsDbContext>("notifications-db");
builder.AddMessaging<NotificationsDbContext>("notifications", _ => { });
builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, ServiceOpenApi.Describe);
builder.AddEmail();

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapMessagingAdmin("notifications");
app.MapChannelsApi();

await app.RunServiceAsync(args);
