using System.Security.Claims;
using System.Text.Encodings.Web;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Tests.Accounts.Support;

/// <summary>Identity with a clock that a test can move, cheap password hashes that are counted, and API callers by header.</summary>
public class AccountsApplication : IdentityApplication
{
    public MovableClock Clock { get; } = new();

    public HashCounter Hashes { get; } = new();

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings)
    {
        ["Passwords:Iterations"] = "1000",
    };

    /// <summary>A client of the API with the claims of a token of this person.</summary>
    public HttpClient CreateApiClient(Guid userId, Guid? sessionId = null)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Add(TestBearer.Header, $"{userId} {sessionId}");
        return client;
    }

    protected override void ConfigureServices(IServiceCollection services)
    {
        base.ConfigureServices(services);
        services.RemoveAll<TimeProvider>();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(Hashes);
        services.AddSingleton<IPasswordHasher<User>, CountingHasher>();
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, TestBearer>(TestBearer.Scheme, null);
        services.PostConfigure<AuthenticationOptions>(options =>
        {
            options.DefaultScheme = TestBearer.Scheme;
            options.DefaultAuthenticateScheme = TestBearer.Scheme;
            options.DefaultChallengeScheme = TestBearer.Scheme;
        });
    }

    private sealed class CountingHasher(IOptions<PasswordHasherOptions> options, HashCounter counter) : IPasswordHasher<User>
    {
        private readonly PasswordHasher<User> _hasher = new(options);

        public string HashPassword(User user, string password)
        {
            counter.Add();
            return _hasher.HashPassword(user, password);
        }

        public PasswordVerificationResult VerifyHashedPassword(User user, string hashedPassword, string providedPassword)
        {
            counter.Add();
            return _hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }

    private sealed class TestBearer(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        public const string Header = "X-Test-Bearer";
        public new const string Scheme = "test-bearer";

        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers[Header].ToString() is not { Length: > 0 } value)
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var parts = value.Split(' ');
            var identity = new ClaimsIdentity([new Claim("sub", parts[0])], Scheme, "sub", "role");
            foreach (var scope in new[] { "users:read", "users:write", "admin" })
            {
                identity.AddClaim(new Claim("scope", scope));
            }

            identity.AddClaim(new Claim("role", parts[0] == Guid.Empty.ToString() ? "admin" : "user"));
            if (parts.Length > 1 && parts[1].Length > 0)
            {
                identity.AddClaim(new Claim("sid", parts[1]));
            }

            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme)));
        }
    }
}

/// <summary>The system's clock, moved forward by a test. Timers run as always.</summary>
public sealed class MovableClock : TimeProvider
{
    private long _ahead;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);
}

/// <summary>Counts the work on passwords.</summary>
public sealed class HashCounter
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public void Add() => Interlocked.Increment(ref _count);
}
