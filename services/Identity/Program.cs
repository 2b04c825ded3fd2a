using BotGeneric.Identity.Api;
using BotGeneric.Identity.Data;
using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.Data;
using BotGeneric.ServiceDefaults.OpenApi;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddServiceDatabase<IdentityDbContext>("identity-db");
builder.AddMessaging<IdentityDbContext>("identity", _ => { });
builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, ServiceOpenApi.Describe);

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapMessagingAdmin("identity");
app.MapUsersApi();

await app.RunServiceAsync(args);
