using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.OpenApi;
using BotGeneric.Simulators.Paddle;
using BotGeneric.Simulators.SignIn;
using BotGeneric.Simulators.Smtp;

var builder = WebApplication.CreateBuilder(args);
if (builder.Environment.IsProduction())
{
    throw new InvalidOperationException("The simulators sign webhooks for anybody who asks. They do not run in the Production environment.");
}

builder.AddHostDefaults();
builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, ServiceOpenApi.Describe);
builder.Services.AddSignInSimulator();
builder.AddPaddleSimulator();
builder.AddSmtpSimulator();

var app = builder.Build();
app.UseHostDefaults();
app.MapDefaultEndpoints();
app.MapPaddleSimulator();
app.MapSignInSimulator();
app.MapSmtpSimulatorApi();

await app.RunAsync();
