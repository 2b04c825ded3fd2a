using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Tests.Support;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BotGeneric.Gateway.Tests;

/// <summary>The gateway on a real port, in front of the services that a test names.</summary>
public sealed class GatewayApplication : WebApplicationFactory<Program>
{
    private readonly Dictionary<string, string> _settings = new()
    {
        ["Authentication:Issuer"] = "http://bot.test/",
        // Apart from where the identity service is: many tests have another service in its place.
        ["Authentication:JwksAddress"] = SharedServers.Current.Identity.JwksAddress,
        ["Session:ClientSecret"] = FakeIdentity.ClientSecret,
        ["Database:MigrateOnStart"] = "true",
        ["ConnectionStrings:gateway-db"] = SharedServers.Current.Database,
        ["ConnectionStrings:redis"] = SharedServers.Current.Redis,
        ["ConnectionStrings:rabbitmq"] = SharedServers.Current.RabbitMq,
        // All tests have one address; those about limits set their own.
        ["RateLimits:Api:Requests"] = "1000000",
        ["RateLimits:Pages:Requests"] = "1000000",
        ["RateLimits:SignIn:Requests"] = "1000000",
        ["RateLimits:Account:Requests"] = "1000000",
        ["RateLimits:Key:Requests"] = "1000000",
        // On a busy machine Redis may answer late; what happens then is tested without Redis.
        ["RateLimits:RedisTimeout"] = "00:00:05",
    };

    private readonly TimeProvider? _timeProvider;

    /// <summary>Prepares a gateway.</summary>
    public GatewayApplication(TimeProvider? timeProvider = null)
    {
        _timeProvider = timeProvider;
        // By the server's options: the overload that takes a port sets it after the host is built, in a race with the host's own start.
        UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
    }

    /// <summary>The environment it runs in.</summary>
    public string Environment { get; init; } = "Development";

    /// <summary>Keeps what it logs; null for a test that does not look.</summary>
    public LogLines? Log { get; set; }

    /// <summary>Puts a service behind the gateway; a second address is a second replica.</summary>
    public GatewayApplication With(string service, params string[] addresses)
    {
        for (var index = 0; index < addresses.Length; index++)
        {
            _settings[$"services:{service}:http:{index}"] = addresses[index];
        }

        return this;
    }

    /// <summary>Sets a configuration key; null removes it.</summary>
    public GatewayApplication Set(string key, string? value)
    {
        if (value is null)
        {
            _settings.Remove(key);
        }
        else
        {
            _settings[key] = value;
        }

        return this;
    }

    /// <summary>Prepares one for the Production environment, where TLS ends in front of it and keys are encrypted.</summary>
    public static GatewayApplication InProduction() => new GatewayApplication { Environment = "Production" }
        .Set("Authentication:Issuer", "https://bot.test/")
        .Set("ConnectionStrings:gateway-db", SharedServers.Current.ProductionDatabase)
        .Set("DataProtection:Certificate", SharedServers.Certificate)
        .Set("ForwardedHeaders:KnownNetworks:0", "127.0.0.0/8");

    /// <summary>A client without a credential that shows answers as they are.</summary>
    public HttpClient CreateVisitor()
    {
        StartServer();
        return new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            // Who asks before it sends a body waits for the answer, however busy the machine is.
            Expect100ContinueTimeout = TimeSpan.FromMinutes(1),
        })
        {
            BaseAddress = ClientOptions.BaseAddress,
        };
    }

    /// <summary>A client with the access token of somebody who runs the system.</summary>
    public HttpClient CreateOperator()
    {
        var client = CreateVisitor();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", OperatorToken);
        return client;
    }

    /// <summary>The access token of somebody who runs the system, for a gateway without an Identity of its own.</summary>
    public string OperatorToken => SharedServers.Current.Identity.AccessToken(
        _settings["Authentication:Issuer"],
        new Claim("sub", Guid.CreateVersion7().ToString()),
        new Claim("scope", $"{ApiScopes.BillingRead} {ApiScopes.Admin}"),
        new Claim(ApiClaims.Role, ApiPolicies.AdminRole));

    /// <inheritdoc />
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(Environment);
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        if (_timeProvider is not null)
        {
            builder.ConfigureServices(services => services.AddSingleton(_timeProvider));
        }

        if (Log is not null)
        {
            builder.ConfigureServices(services => services.AddSingleton<ILoggerProvider>(Log));
        }
    }
}
