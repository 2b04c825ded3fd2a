using BotGeneric.AppHost.Native;
using BotGeneric.AppHost.TestApp;
using Microsoft.Extensions.Configuration;

// "service" runs one service; everything else runs the app model of that name.
if (args is ["service", var behaviour])
{
    return await TestService.RunAsync(behaviour);
}

var builder = DistributedApplication.CreateBuilder(args);
var self = Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet";
switch (builder.Configuration["Scenario"])
{
    case "chain":
        var parameter = builder.AddParameter("generated", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);
        builder.AddParameter("own", new OwnParameterDefault(), secret: true, persist: true);
        builder.AddParameter("shown", "a value", publishValueAsDefault: true);
        builder.AddParameter("hidden", "a value");
        var first = Service("first", "well");
        var second = Service("second", "well").WaitFor(first).WithReference(first).WithEnvironment("PARAMETER", parameter)
            .WithEnvironment("EXPRESSION", ReferenceExpression.Create($"{first.GetEndpoint("http")}/path"));
        Service("third", "well").WaitFor(second);
        break;
    case "dies":
        Service("mortal", "dies");
        break;
    case "stubborn":
        Service("stubborn", "ignores-sigterm");
        break;
    case "fixed-port":
        Service("fixed", "well", builder.Configuration.GetValue<int>("Port")).WithExternalHttpEndpoints();
        break;
    case "redis":
        var redis = builder.AddRedis("redis");
        Service("reader", "well").WithReference(redis).WaitFor(redis);
        break;
    case "postgres":
        var postgres = builder.AddPostgres("postgres");
        postgres.AddDatabase("one-db");
        postgres.AddDatabase("two-db");
        break;
    case "rabbitmq":
        builder.AddRabbitMQ("rabbitmq");
        break;
    case "not-built":
        builder.AddProject("not-built", "../NoSuchProject/NoSuchProject.csproj", launchProfileName: null);
        break;
    case "parameter":
        builder.AddParameter("required", secret: true);
        break;
    default:
        throw new InvalidOperationException("Say which app model to run: --Scenario chain");
}

builder.Build().Run();
return Environment.ExitCode;

IResourceBuilder<ExecutableResource> Service(string name, string behaviour, int? port = null) => builder
    .AddExecutable(name, self, ".", typeof(TestService).Assembly.Location, "service", behaviour)
    .WithHttpEndpoint(port: port)
    .WithHttpEndpoint(name: "management", env: "Management__Port")
    .WithHttpHealthCheck("/health");
