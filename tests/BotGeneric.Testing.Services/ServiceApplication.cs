using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BotGeneric.Testing.Services;

/// <summary>
/// A service in the test's process, with its own database and the run's Redis and RabbitMQ, configured as the application model configures it.
/// </summary>
/// <typeparam name="TProgram">The service's entry point.</typeparam>
/// <param name="name">The service's name in the application model, such as <c>billing</c>.</param>
public abstract class ServiceApplication<TProgram>(string name) : WebApplicationFactory<TProgram>, IAsyncLifetime
    where TProgram : class
{
    private readonly Dictionary<string, string> _settings = [];
    private TestDatabase? _database;

    /// <summary>Settings beyond those that every service has.</summary>
    protected virtual IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>();

    /// <summary>The service's database.</summary>
    public TestDatabase Database => _database ?? throw new InvalidOperationException("The application has not been started.");

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(name);
        _settings[$"ConnectionStrings:{name}-db"] = _database.ConnectionString;
        _settings["ConnectionStrings:redis"] = await TestServers.RedisAsync();
        _settings["ConnectionStrings:rabbitmq"] = await TestServers.RabbitMqAsync();
        _settings["Database:MigrateOnStart"] = "true";
        _settings["Authentication:Issuer"] = TestTokens.Issuer;
        foreach (var (key, value) in Settings)
        {
            _settings[key] = value;
        }

        await PrepareAsync();
    }

    /// <summary>A client that is those who run the system: the role and every scope.</summary>
    /// <returns>A client of the service.</returns>
    public HttpClient CreateOperatorClient() => CreateClientWith(TestToken.Operator);

    /// <summary>A client that is a person.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="organization">The organization in whose name the person acts; null: in one's own.</param>
    /// <param name="role">The person's role in the organization.</param>
    /// <param name="scopes">What the token allows.</param>
    /// <returns>A client of the service.</returns>
    public HttpClient CreateClientFor(Guid userId, Guid? organization = null, string? role = null, params IReadOnlyList<string> scopes) =>
        CreateClientWith(new TestToken { Subject = userId.ToString(), Organization = organization, OrganizationRole = role, Scopes = scopes });

    /// <summary>A client whose every request has a fresh token.</summary>
    /// <param name="token">What the token says.</param>
    /// <returns>A client of the service.</returns>
    public HttpClient CreateClientWith(TestToken token) =>
        CreateDefaultClient(ClientOptions.BaseAddress, new TokenHandler(token, Services.GetRequiredService<TimeProvider>()));

    async Task IAsyncLifetime.DisposeAsync()
    {
        await ReleaseAsync();
        await DisposeAsync();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    /// <summary>Opens what the tests of this application need beside it.</summary>
    protected virtual Task PrepareAsync() => Task.CompletedTask;

    /// <summary>Closes what <see cref="PrepareAsync"/> opened.</summary>
    protected virtual Task ReleaseAsync() => Task.CompletedTask;

    /// <inheritdoc />
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.UseEnvironment("Test");
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureTestServices(services =>
        {
            services.AcceptTestTokens();
            ConfigureServices(services);
        });
    }

    /// <summary>Replaces what the test must control, such as the clock.</summary>
    /// <param name="services">The service's registrations.</param>
    protected virtual void ConfigureServices(IServiceCollection services)
    {
    }
}
