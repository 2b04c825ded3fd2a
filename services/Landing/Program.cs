using BotGeneric.Landing.Pages;
using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.Data;
using BotGeneric.WebUi.Http;
using BotGeneric.WebUi.Localization;

var builder = WebApplication.CreateBuilder(args);

// Files of the page library are found beside a build output too, in every environment; a published process has them in its own folder.
builder.WebHost.UseStaticWebAssets();
builder.AddServiceDefaults();
builder.AddPages();

var app = builder.Build();

app.UseServiceDefaults();
app.UsePageHeaders();
app.UsePageLanguage();
app.UseFormProtection();

app.MapDefaultEndpoints();
app.MapPages();

await app.RunServiceAsync(args);
