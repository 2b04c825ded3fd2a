using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Sessions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace BotGeneric.Identity.Tests.Support.People;

/// <summary>Identity with people whose tokens say what a test wants, and a clock that a test can move.</summary>
public class PeopleApplication : IdentityApplication
{
    private const string Scheme = "test-person";
    private const string Header = "X-Test-Person";

    /// <summary>The clock.</summary>
    public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    /// <summary>Creates a person with a session that was confirmed just now.</summary>
    public async Task<Person> CreatePersonAsync(string name, bool isAdmin = false, bool withEmail = true)
    {
        var now = Time.GetUtcNow();
        var email = withEmail ? $"{name}-{Guid.CreateVersion7():N}@example.com" : null;
        var user = User.Create(now, "en", email);
        user.DisplayName = name;
        user.NormalizedUserName = user.UserName!.ToUpperInvariant();
        user.NormalizedEmail = email?.ToUpperInvariant();
        if (isAdmin)
        {
            user.Grant(User.AdminRole);
        }

        var session = UserSession.Start(user.Id, ["pwd", "otp", "mfa"], now, TimeSpan.FromDays(30), null, null);
        await WithDatabaseAsync(async db =>
        {
            db.Users.Add(user);
            db.Sessions.Add(session);
            return await db.SaveChangesAsync();
        });
        return new Person(this, user.Id, email, session.Id, isAdmin);
    }

    /// <summary>A client with a token of these claims.</summary>
    internal HttpClient CreateClient(IReadOnlyList<(string Type, string Value)> claims)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Add(Header, JsonSerializer.Serialize(claims.Select(claim => new[] { claim.Type, claim.Value })));
        return client;
    }

    protected override void ConfigureServices(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(Time);
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, PersonHandler>(Scheme, configureOptions: null);
        services.PostConfigure<AuthenticationOptions>(options =>
        {
            options.DefaultScheme = Scheme;
            options.DefaultAuthenticateScheme = Scheme;
            options.DefaultChallengeScheme = Scheme;
            options.DefaultForbidScheme = Scheme;
        });
        services.AddSingleton<IStartupFilter, SignInDoor>();
    }

    private sealed class PersonHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var sent = Request.Headers[Header].ToString();
            if (sent.Length == 0)
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var claims = JsonSerializer.Deserialize<string[][]>(sent)!.Select(claim => new Claim(claim[0], claim[1]));
            var identity = new ClaimsIdentity(claims, Scheme.Name, nameType: "sub", roleType: ApiClaims.Role);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }

    // Signs a browser in without the pages that do it, which are tested elsewhere.
    private sealed class SignInDoor : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, rest) =>
            {
                if (context.Request.Path != "/test/sign-in")
                {
                    await rest(context);
                    return;
                }

                var users = context.RequestServices.GetRequiredService<Data.IdentityDbContext>().Users;
                var user = await users.SingleAsync(candidate => candidate.Id == Guid.Parse(context.Request.Query["user"].ToString()));
                await context.RequestServices.GetRequiredService<SessionService>().StartAsync(context, user, ["pwd", "otp", "mfa"], context.RequestAborted);
            });
            next(app);
        };
    }
}

/// <summary>Somebody, and how they call.</summary>
public sealed class Person(PeopleApplication application, Guid id, string? email, Guid sessionId, bool isAdmin)
{
    private static readonly string[] Personal = [.. ApiScopes.All.Where(scope => scope != ApiScopes.Admin)];

    public Guid Id => id;

    public string Email => email ?? throw new InvalidOperationException("This person has no address.");

    public Guid SessionId => sessionId;

    /// <summary>Calls with the token of the person's session, which may do everything that is the person's.</summary>
    public HttpClient Api => Call();

    /// <summary>Calls with a token of these scopes, or all of them.</summary>
    public HttpClient Call(IEnumerable<string>? scopes = null, string? keyId = null, bool withSession = true, bool impersonated = false)
    {
        var claims = new List<(string, string)>
        {
            ("sub", id.ToString()), ("client_id", "tests"), ("scope", string.Join(' ', scopes ?? (isAdmin ? ApiScopes.All : Personal))),
        };
        if (withSession && keyId is null)
        {
            claims.Add(("sid", sessionId.ToString()));
        }

        if (isAdmin)
        {
            claims.Add((ApiClaims.Role, User.AdminRole));
        }

        if (keyId is not null)
        {
            claims.Add((ApiClaims.KeyId, keyId));
        }

        if (impersonated)
        {
            claims.Add((ApiClaims.Actor, JsonSerializer.Serialize(new { sub = Guid.CreateVersion7() })));
        }

        return application.CreateClient(claims);
    }

    /// <summary>A browser in which the person is signed in.</summary>
    public async Task<Browser> BrowseAsync()
    {
        var browser = application.OpenBrowser();
        using var signedIn = await browser.GetAsync($"/test/sign-in?user={id}");
        Assert.True(signedIn.IsSuccessStatusCode);
        return browser;
    }
}
