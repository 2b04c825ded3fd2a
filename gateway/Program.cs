using BotGeneric.Gateway.Docs;
using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Security;
using BotGeneric.Gateway.Status;
using BotGeneric.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddEdge();
builder.AddRouting();
builder.AddStatus();
builder.AddDocs();

var app = builder.Build();

app.UseEdge();
app.UseServiceDefaults();
app.UseRequestTimeouts();
app.UseStatusLanguage();

app.MapDefaultEndpoints();
app.MapStatus();
app.MapDocs();
app.MapRoutes();

app.Run();
