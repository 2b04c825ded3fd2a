using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Administration;
using BotGeneric.Identity.ApiKeys;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.External;
using BotGeneric.Identity.Impersonation;
using BotGeneric.Identity.Merging;
using BotGeneric.Identity.Organizations;
using BotGeneric.Identity.TokenServer;
using BotGeneric.Messaging;
using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.Data;
using BotGeneric.ServiceDefaults.OpenApi;
using BotGeneric.WebUi.Http;
using BotGeneric.WebUi.Localization;

var builder = WebApplication.CreateBuilder(args);

// Pages find the files of the page library beside a build output too, in every environment.
builder.WebHost.UseStaticWebAssets();
builder.AddServiceDefaults();
builder.AddServiceDatabase<IdentityDbContext>("identity-db", preparedStatements: 100);
builder.AddMessaging<IdentityDbContext>("identity", messaging => messaging.PublishIdentityEvents());
builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, ServiceOpenApi.Describe);
builder.AddPages();
builder.AddAccounts();
builder.AddAccountFeatures();
builder.AddExternalSignIn();
builder.AddMerging();
builder.AddOrganizations();
builder.AddApiKeys();
builder.AddAdministration();
builder.AddTokenServer();

var app = builder.Build();

app.UseServiceDefaults();
app.UsePageHeaders();
app.UsePageLanguage();
app.UseImpersonationGate();
app.UseFormProtection();

app.MapDefaultEndpoints();
app.MapMessagingAdmin("identity");
app.MapStaticAssets().AllowAnonymous();
app.MapAccountFeatures();
app.MapExternalSignIn();
app.MapMerging();
app.MapOrganizations();
app.MapApiKeys();
app.MapAdministration();
app.MapTokenServer();

await app.RunServiceAsync(args);
