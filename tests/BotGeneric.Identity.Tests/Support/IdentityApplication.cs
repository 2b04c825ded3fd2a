using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Data;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Support;

/// <summary>Identity with its own database. One for each test class.</summary>
public class IdentityApplication() : ServiceApplication<Program>("identity")
{
    /// <summary>The public origin of the system under test.</summary>
    public const string Origin = "http://localhost/";

    private BrokerTap<NotificationRequested>? _mail;

    /// <summary>Every message that was requested so far.</summary>
    public Mailbox Mail => new(_mail ?? throw new InvalidOperationException("The application has not been started."));

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["Authentication:Issuer"] = Origin,
    };

    /// <summary>A person's browser: cookies of its own, forms as pages show them.</summary>
    public Browser OpenBrowser()
    {
        var client = CreateClient(new WebApplicationFactoryClientOptions
        {
            BaseAddress = new Uri(Origin),
            AllowAutoRedirect = false,
            HandleCookies = true,
        });
        // People sit in different places; whatever is counted by address is counted for each alone.
        client.DefaultRequestHeaders.Add(ClientAddress.Header, ClientAddress.Random());
        return new Browser(client);
    }

    /// <summary>Works with the service's database.</summary>
    public async Task<T> WithDatabaseAsync<T>(Func<IdentityDbContext, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<IdentityDbContext>());
    }

    /// <summary>A client whose every request has a fresh token of this installation, which the service validates by all its rules.</summary>
    public HttpClient CreateTokenClient(TestToken token) => CreateClientWith(token with { Issuer = Origin });

    protected override void ConfigureServices(IServiceCollection services) => services.AddSingleton<IStartupFilter, ClientAddress>();

    protected override async Task PrepareAsync() => _mail = await BrokerTap<NotificationRequested>.OpenAsync();

    protected override async Task ReleaseAsync()
    {
        if (_mail is not null)
        {
            await _mail.DisposeAsync();
        }
    }
}
