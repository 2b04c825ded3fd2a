using BotGeneric.Testing.Services;
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
    /// <summary>The name by which tokens say that they are meant for it.</summary>
    public const string Audience = "billing";

    /// <summary>Among the settings: the service comes by the issuer's keys itself, instead of being given those of the tests.</summary>
    public static readonly (string Key, string Value) OwnKeys = ("Tests:OwnKeys", "true");

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
        string[] args =
        [
            "--environment=Development", "--urls=http://127.0.0.1:0", $"--Authentication:Issuer={TestTokens.Issuer}", $"--Authentication:Audience={Audience}",
        ];
        var builder = WebApplication.CreateBuilder([.. args, .. settings.Select(setting => $"--{setting.Key}={setting.Value}")]);
        builder.AddServiceDefaults();
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        if (!settings.Contains(OwnKeys))
        {
            builder.Services.AcceptTestTokens();
        }

        register?.Invoke(builder);
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapDefaultEndpoints();
        map(app);
        return app;
    }

    /// <summary>A client without a credential.</summary>
    public HttpClient CreateVisitor() => new() { BaseAddress = Addresses[0] };

    /// <summary>A client that is those who run the system.</summary>
    public HttpClient CreateOperator() => CreateClientWith(TestToken.Operator);

    /// <summary>A client whose every request has a fresh token.</summary>
    public HttpClient CreateClientWith(TestToken token) =>
        new(new TokenHandler(token, Services.GetRequiredService<TimeProvider>()) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = Addresses[0] };

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
