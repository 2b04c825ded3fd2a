using BotGeneric.Gateway.Authentication;
using BotGeneric.Gateway.Data;
using BotGeneric.Gateway.Docs;
using BotGeneric.Gateway.Limits;
using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Security;
using BotGeneric.Gateway.Session;
using BotGeneric.Gateway.Status;
using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.Data;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddData();
builder.AddEdgeAuthentication();
builder.AddLimits();
builder.AddEdge();
builder.AddRouting();
builder.AddStatus();
builder.AddDocs();

var app = builder.Build();

app.UseEdge();
app.UseServiceDefaults(edge => edge.UseEdgeAuthentication());
app.UseRequestTimeouts();
app.UseStatusLanguage();

app.MapDefaultEndpoints();
app.MapStatus();
app.MapSession();
app.MapDocs();
app.MapRoutes();

await app.RunServiceAsync(args);
