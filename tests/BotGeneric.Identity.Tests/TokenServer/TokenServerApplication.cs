using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Sessions;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Identity.TokenServer;
using BotGeneric.Identity.TokenServer.Clients;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BotGeneric.Identity.Tests.TokenServer;

/// <summary>Identity with clients, a clock that stands still, and a door for tests through which somebody is signed in without the login page.</summary>
public sealed class TokenServerApplication : IdentityApplication
{
    public const string GatewaySecret = "gateway-secret-for-tests-only-0123456789";
    public const string TelegramSecret = "telegram-secret-for-tests-only-0123456789";
    public const string AgentsSecret = "agents-secret-for-tests-only-0123456789";
    public const string Callback = Origin + "session/callback";
    public const string ThirdParty = "calendar";
    public const string ThirdPartyCallback = "https://calendar.example/cb";
    public const string Desk = "desk";
    public const string DeskCallback = "https://desk.example/cb";
    public const string PublicClient = "desktop";
    public const string PublicCallback = "http://127.0.0.1/cb";

    /// <summary>The clock of the service.</summary>
    public TestClock Clock { get; } = new(standsStill: true);

    /// <summary>The secret of the client of somebody else.</summary>
    public string ThirdPartySecret { get; private set; } = string.Empty;

    /// <summary>The secret of the operator's own tool with which admins act as people.</summary>
    public string DeskSecret { get; private set; } = string.Empty;

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings)
    {
        ["Clients:Gateway:Secret"] = GatewaySecret,
        ["Clients:Telegram:Secret"] = TelegramSecret,
        ["Clients:Agents:Secret"] = AgentsSecret,
    };

    /// <summary>Registers the clients of other people.</summary>
    public async Task RegisterClientsAsync()
    {
        await using var scope = Services.CreateAsyncScope();
        var catalogue = scope.ServiceProvider.GetRequiredService<ClientCatalogue>();
        if (await catalogue.FindAsync(ThirdParty, CancellationToken.None) is null)
        {
            (var secret, _) = await catalogue.CreateAsync(
                new ClientDefinition
                {
                    ClientId = ThirdParty,
                    DisplayName = "Calendar",
                    Grants = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken, GrantTypes.DeviceCode],
                    Scopes = ["profile", "email", "users:read", "agents:read"],
                    RedirectUris = [ThirdPartyCallback],
                    PostLogoutRedirectUris = ["https://calendar.example/bye"],
                    IdTokenAlgorithm = "RS256",
                },
                null, CancellationToken.None);
            ThirdPartySecret = secret!;
            (secret, _) = await catalogue.CreateAsync(
                new ClientDefinition
                {
                    ClientId = Desk,
                    DisplayName = "Help desk",
                    IsFirstParty = true,
                    Grants = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken, GrantTypes.TokenExchange],
                    Scopes = TokenServerNames.Scopes,
                    RedirectUris = [DeskCallback],
                    MayIntrospect = true,
                    MayImpersonate = true,
                },
                null, CancellationToken.None);
            DeskSecret = secret!;
            await catalogue.CreateAsync(
                new ClientDefinition
                {
                    ClientId = PublicClient,
                    DisplayName = "Desktop",
                    IsConfidential = false,
                    IsFirstParty = true,
                    Grants = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken, GrantTypes.DeviceCode],
                    Scopes = ["profile", "users:read"],
                    RedirectUris = [PublicCallback],
                },
                null, CancellationToken.None);
        }
    }

    /// <summary>Adds a person.</summary>
    public async Task<User> AddUserAsync(bool isAdmin = false, string? email = null, string name = "Anna")
    {
        var user = User.Create(Clock.GetUtcNow(), "en", email ?? $"{Guid.NewGuid():N}@example.test");
        user.DisplayName = name;
        user.NormalizedEmail = user.Email!.ToUpperInvariant();
        user.NormalizedUserName = user.UserName!.ToUpperInvariant();
        if (isAdmin)
        {
            user.Grant(User.AdminRole);
        }

        return await WithDatabaseAsync(async db =>
        {
            db.Users.Add(user);
            await db.SaveChangesAsync();
            return user;
        });
    }

    /// <summary>Changes a person.</summary>
    public Task<int> ChangeAsync(Guid userId, Action<User> change) => WithDatabaseAsync(async db =>
    {
        change(await db.Users.SingleAsync(user => user.Id == userId));
        return await db.SaveChangesAsync();
    });

    /// <summary>A browser in which somebody is signed in.</summary>
    public async Task<Browser> SignInAsync(User user, params string[] methods)
    {
        var browser = OpenBrowser();
        await SignInAsync(browser, user, methods);
        return browser;
    }

    /// <summary>Signs somebody in on a browser.</summary>
    public static async Task SignInAsync(Browser browser, User user, params string[] methods)
    {
        var used = methods.Length == 0 ? ["pwd"] : methods;
        using var response = await browser.GetAsync($"/test/sign-in?user={user.Id}&methods={string.Join('+', used)}");
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Shows a credential again on a browser.</summary>
    public static async Task ConfirmAsync(Browser browser, params string[] methods)
    {
        using var response = await browser.GetAsync($"/test/confirm?methods={string.Join('+', methods.Length == 0 ? ["pwd"] : methods)}");
        response.EnsureSuccessStatusCode();
    }

    protected override void ConfigureServices(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<IStartupFilter, TestDoor>();
        // Other services' tests put keys of their own in the place of the issuer's. Here the issuer itself is tested.
        services.Remove(services.Last(service => service is { ServiceType: var type, ImplementationInstance: not null } && type == typeof(ISigningKeySource)));
    }

    private sealed class TestDoor : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, pipeline) =>
            {
                var methods = context.Request.Query["methods"].ToString().Split(' ');
                switch (context.Request.Path.Value)
                {
                    case "/test/sign-in":
                        var id = Guid.Parse(context.Request.Query["user"].ToString());
                        var db = context.RequestServices.GetRequiredService<Data.IdentityDbContext>();
                        await context.RequestServices.GetRequiredService<SessionService>().StartAsync(
                            context, await db.Users.SingleAsync(user => user.Id == id), methods, CancellationToken.None);
                        return;
                    case "/test/confirm":
                        await context.RequestServices.GetRequiredService<SessionService>().ConfirmAsync(
                            (await context.GetCurrentSessionAsync())!, methods, CancellationToken.None);
                        return;
                    default:
                        await pipeline(context);
                        return;
                }
            });
            next(app);
        };
    }
}
