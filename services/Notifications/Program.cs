using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Messaging;
using BotGeneric.Notifications.Api;
using BotGeneric.Notifications.Data;
using BotGeneric.Notifications.Deliveries;
using BotGeneric.Notifications.Email;
using BotGeneric.Notifications.Messaging;
using BotGeneric.Notifications.Security;
using BotGeneric.Notifications.Templates;
using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.Data;
using BotGeneric.ServiceDefaults.OpenApi;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddServiceDatabase<NotificationsDbContext>("notifications-db");
builder.AddMessaging<NotificationsDbContext>(
    "notifications", messaging => messaging
        .Consumes<NotificationRequested, NotificationRequestedHandler>().ErasesPeople<PersonEraser>().MergesAccounts<AccountMerger>());
builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, ServiceOpenApi.Describe);
builder.AddContentProtection();
builder.AddOperator();
builder.AddEmail();
builder.Services.AddDeliveries();

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapMessagingAdmin("notifications");
app.MapChannelsApi();
app.MapDeliveriesApi();
app.MapSuppressionsApi();

await app.RunServiceAsync(args);
