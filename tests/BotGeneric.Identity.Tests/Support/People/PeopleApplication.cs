using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Sessions;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Support.People;

/// <summary>Identity with people whose tokens say what a test wants, and a clock that a test can move.</summary>
public class PeopleApplication : IdentityApplication
{
    /// <summary>The clock.</summary>
    public TestClock Time { get; } = new(standsStill: true);

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

    protected override void ConfigureServices(IServiceCollection services)
    {
        base.ConfigureServices(services);
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton<IStartupFilter, SignInDoor>();
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
    public HttpClient Call(IEnumerable<string>? scopes = null, string? keyId = null, bool withSession = true, bool impersonated = false, Guid? organization = null)
    {
        var hasSession = withSession && keyId is null;
        return application.CreateTokenClient(new TestToken
        {
            Subject = id.ToString(),
            Scopes = [.. scopes ?? (isAdmin ? ApiScopes.All : Personal)],
            SessionId = hasSession ? sessionId.ToString() : null,
            SignedInAgo = hasSession ? TimeSpan.Zero : null,
            Roles = isAdmin ? [User.AdminRole] : [],
            KeyId = keyId,
            Organization = organization,
            Actor = impersonated ? Guid.CreateVersion7().ToString() : null,
        });
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
