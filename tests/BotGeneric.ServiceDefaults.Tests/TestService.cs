using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BotGeneric.ServiceDefaults.Tests;

/// <summary>A service made of the defaults and what a test adds, on a real port.</summary>
public sealed class TestService : IAsyncDisposable
{
    /// <summary>The operator's key.</summary>
    public const string ApiKey = "key-for-tests-only-0123456789";

    private readonly WebApplication _app;

    private TestService(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<Uri> Addresses =>
        [.. _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Select(address => new Uri(address))];

    /// <summary>Its services.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Starts one.</summary>
    public static async Task<TestService> StartAsync(
        Action<WebApplication> map, Action<WebApplicationBuilder>? register = null, params (string Key, string Value)[] settings)
    {
        var app = Build(map, register, settings);
        await app.StartAsync();
        return new TestService(app);
    }

    /// <summary>Builds one without starting it.</summary>
    public static WebApplication Build(
        Action<WebApplication> map, Action<WebApplicationBuilder>? register = null, params (string Key, string Value)[] settings)
    {
        string[] args = ["--environment=Development", "--urls=http://127.0.0.1:0", $"--Authentication:DevelopmentApiKey={ApiKey}"];
        var builder = WebApplication.CreateBuilder([.. args, .. settings.Select(setting => $"--{setting.Key}={setting.Value}")]);
        builder.AddServiceDefaults();
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        register?.Invoke(builder);
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapDefaultEndpoints();
        map(app);
        return app;
    }

    /// <summary>A client without a credential.</summary>
    public HttpClient CreateVisitor() => new() { BaseAddress = Addresses[0] };

    /// <summary>A client with the operator's key.</summary>
    public HttpClient CreateOperator()
    {
        var client = CreateVisitor();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        return client;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
