using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Tests.Accounts.Support;

/// <summary>Identity with a clock that a test can move, cheap password hashes that are counted, and API callers by token.</summary>
public class AccountsApplication : IdentityApplication
{
    public TestClock Clock { get; } = new();

    public HashCounter Hashes { get; } = new();

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings)
    {
        ["Passwords:Iterations"] = "1000",
    };

    /// <summary>A client of the API with the claims of a token of this person.</summary>
    public HttpClient CreateApiClient(Guid userId, Guid? sessionId = null) => CreateTokenClient(new TestToken
    {
        Subject = userId.ToString(),
        Scopes = [ApiScopes.UsersRead, ApiScopes.UsersWrite],
        SessionId = sessionId?.ToString(),
    });

    /// <summary>A client that is those who run the system.</summary>
    public HttpClient CreateAdminClient() => CreateTokenClient(TestToken.Operator);

    protected override void ConfigureServices(IServiceCollection services)
    {
        base.ConfigureServices(services);
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(Hashes);
        services.AddSingleton<IPasswordHasher<User>, CountingHasher>();
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
}

/// <summary>Counts the work on passwords.</summary>
public sealed class HashCounter
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public void Add() => Interlocked.Increment(ref _count);
}
