using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Administration;
using BotGeneric.Identity.ApiKeys;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Tests.Administration;

public sealed class InitialAdminTests(InitialAdminTests.Application identity) : IClassFixture<InitialAdminTests.Application>
{
    private const string Email = "admin@example.com";
    private const string Password = "generated-password-0123456789";

    [Fact]
    public async Task Replicas_that_start_together_make_one_admin_with_password_and_key_and_overwrite_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            var replica = identity.WithWebHostBuilder(builder => builder.UseSetting("Administration:InitialAdmin:Password", Password + "-other"));
            using var client = replica.CreateClient();
            using var alive = await client.GetAsync("/alive");
            Assert.True(alive.IsSuccessStatusCode);
        })));

        var admin = await identity.WithDatabaseAsync(db => db.Users.SingleAsync());
        await using var scope = identity.Services.CreateAsyncScope();
        var resolved = (await scope.ServiceProvider.GetRequiredService<ApiKeyLookup>().FindAsync(identity.ApiKeyOfAdmin, CancellationToken.None)).Resolved;
        Assert.Equal((Email, true, true), (admin.Email, admin.EmailConfirmed, admin.IsAdmin));
        Assert.Equal(1, await identity.WithDatabaseAsync(db => db.ApiKeys.CountAsync()));
        Assert.Equal([.. ApiScopes.All], resolved!.Key.Scopes);
        Assert.True(resolved.IsAdmin);
        var hasher = scope.ServiceProvider.GetRequiredService<IPasswordHasher<User>>();
        Assert.Contains(
            new[] { Password, Password + "-other" },
            password => hasher.VerifyHashedPassword(admin, admin.PasswordHash!, password) == PasswordVerificationResult.Success);
    }

    [Theory]
    [InlineData("Administration:InitialAdmin:Email", "nobody")]
    [InlineData("Administration:InitialAdmin:Password", "short")]
    [InlineData("Administration:InitialAdmin:ApiKey", "bg_live_12345678_wrong")]
    public async Task What_cannot_be_an_admin_stops_the_service(string key, string value)
    {
        var broken = identity.WithWebHostBuilder(builder => builder.UseSetting(key, value));

        var stopped = await Assert.ThrowsAsync<OptionsValidationException>(() => Task.Run(() => broken.CreateClient()));
        Assert.Contains("Administration:InitialAdmin", stopped.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Staging")]
    [InlineData("Production")]
    public async Task What_is_relaxed_in_development_stops_the_service_anywhere_else(string environment)
    {
        var elsewhere = identity.WithWebHostBuilder(builder => builder.UseEnvironment(environment).UseSetting("DataProtection:Certificate", KeyRingCertificates.New()));

        // Production misses other settings too.
        var stopped = await Assert.ThrowsAnyAsync<Exception>(() => Task.Run(() => elsewhere.CreateClient()));
        IEnumerable<Exception> reasons = stopped is AggregateException all ? all.InnerExceptions : [stopped];
        Assert.Contains(reasons, reason => reason is OptionsValidationException && reason.Message.Contains("Outside of the Development environment", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, true, false)]
    [InlineData(false, false, false)]
    [InlineData(true, false, true)]
    public void Outside_of_development_there_is_no_key_from_configuration_and_no_admin_without_second_factor(bool requireSecondFactor, bool withKey, bool allowed) =>
        Assert.Equal(allowed, AdministrationOptions.IsAllowedOutsideOfDevelopment(new AdministrationOptions
        {
            RequireSecondFactor = requireSecondFactor,
            InitialAdmin = new InitialAdminOptions { Email = Email, Password = Password, ApiKey = withKey ? ApiKeyFormat.Generate() : null },
        }));

    public sealed class Application : IdentityApplication
    {
        public string ApiKeyOfAdmin { get; } = ApiKeyFormat.Generate();

        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings)
        {
            ["Administration:RequireSecondFactor"] = "false",
            ["Administration:InitialAdmin:Email"] = Email,
            ["Administration:InitialAdmin:Password"] = Password,
            ["Administration:InitialAdmin:ApiKey"] = ApiKeyOfAdmin,
        };

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseEnvironment("Development");
        }
    }
}
