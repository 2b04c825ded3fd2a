using System.Security.Cryptography;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.TokenServer.Maintenance;
using BotGeneric.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenIddict.EntityFrameworkCore.Models;

namespace BotGeneric.Identity.Tests.TokenServer;

/// <summary>Each test has a service of its own: they move the clock by months.</summary>
public sealed class PruningTests : IAsyncLifetime
{
    private readonly TokenServerApplication _identity = new();

    public Task InitializeAsync() => _identity.InitializeAsync();

    public Task DisposeAsync() => ((IAsyncLifetime)_identity).DisposeAsync();

    [Fact]
    public async Task What_was_over_long_ago_is_deleted_and_what_may_still_be_asked_about_stays()
    {
        var user = await _identity.AddUserAsync();
        using (var browser = await _identity.SignInAsync(user))
        {
            var gateway = new Flow(_identity.CreateClient());
            var tokens = await gateway.SignInAsync(browser);
            await gateway.RefreshAsync(tokens.RefreshToken);
        }

        await AddAsync(user.Id);
        var old = await _identity.WithDatabaseAsync(CountAsync);
        Assert.All(old.Values, count => Assert.NotEqual(0, count));

        // Sessions last 30 days and are kept for 30 more.
        _identity.Clock.Advance(TimeSpan.FromDays(61));
        // Whether a token has expired, OpenIddict's store asks the database's clock, which no test can move.
        await _identity.WithDatabaseAsync(db => db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().ExecuteUpdateAsync(
            update => update.SetProperty(token => token.ExpirationDate, token => token.ExpirationDate!.Value.AddDays(-61))));
        await AddAsync(user.Id);

        // The service's own round may be at it too: one of the two deletes, and both leave the same.
        await Eventually.GetAsync(() => _identity.Services.GetRequiredService<Pruning>().PruneAsync(CancellationToken.None), pruned => pruned == 0, "nothing to be left to delete");
        Assert.Equal(
            new Dictionary<string, int> { ["tokens"] = 0, ["authorizations"] = 0, ["attempts"] = 1, ["proofs"] = 1, ["links"] = 1, ["sessions"] = 1 },
            await _identity.WithDatabaseAsync(CountAsync));
    }

    [Fact]
    public async Task A_registration_that_nobody_finished_is_forgotten_when_its_link_has_ended()
    {
        var user = await _identity.AddUserAsync();
        await AddAsync(user.Id);
        await _identity.WithDatabaseAsync(db =>
        {
            db.OneTimeLinks.Add(OneTimeLink.ForRegistration(
                RandomNumberGenerator.GetBytes(32), "nobody@example.test", "a hash", "Nobody", RandomNumberGenerator.GetBytes(32), "en", null,
                _identity.Clock.GetUtcNow(), TimeSpan.FromHours(24)));
            return db.SaveChangesAsync();
        });
        var pruning = _identity.Services.GetRequiredService<Pruning>();
        _identity.Clock.Advance(TimeSpan.FromMinutes(59));
        await pruning.PruneAsync(CancellationToken.None);
        Assert.Equal(2, (await _identity.WithDatabaseAsync(CountAsync))["links"]);

        _identity.Clock.Advance(TimeSpan.FromHours(24));
        await Eventually.GetAsync(() => pruning.PruneAsync(CancellationToken.None), pruned => pruned == 0, "nothing to be left to delete");

        var left = await _identity.WithDatabaseAsync(db => db.OneTimeLinks.AsNoTracking().ToListAsync());
        Assert.Equal([LinkPurpose.ResetPassword], left.Select(link => link.Purpose));
    }

    [Fact]
    public async Task While_one_replica_deletes_the_others_leave_it_alone()
    {
        var user = await _identity.AddUserAsync();
        await AddAsync(user.Id);
        _identity.Clock.Advance(TimeSpan.FromMinutes(30));
        var pruning = _identity.Services.GetRequiredService<Pruning>();
        await using var other = new NpgsqlConnection(_identity.Database.SuperUserConnectionString);
        await other.OpenAsync();
        Assert.Equal(true, await LockAsync(other, "SELECT pg_try_advisory_lock($1, 0)"));

        Assert.Null(await pruning.PruneAsync(CancellationToken.None));
        Assert.Equal(true, await LockAsync(other, "SELECT pg_advisory_unlock($1, 0)"));
        Assert.NotNull(await pruning.PruneAsync(CancellationToken.None));
    }

    private static async Task<object?> LockAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new NpgsqlParameter { Value = Pruning.LockClass } } };
        return await command.ExecuteScalarAsync();
    }

    private static async Task<Dictionary<string, int>> CountAsync(IdentityDbContext db) => new()
    {
        ["tokens"] = await db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().CountAsync(),
        ["authorizations"] = await db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().CountAsync(),
        ["attempts"] = await db.SignInAttempts.CountAsync(),
        ["proofs"] = await db.UsedProofs.CountAsync(),
        ["links"] = await db.OneTimeLinks.CountAsync(),
        ["sessions"] = await db.Sessions.CountAsync(),
    };

    /// <summary>One row of everything that has an end.</summary>
    private Task<int> AddAsync(Guid userId) => _identity.WithDatabaseAsync(db =>
    {
        var now = _identity.Clock.GetUtcNow();
        db.SignInAttempts.Add(SignInAttempt.Begin(
            RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32), "google", SignInPurpose.SignIn, null, "nonce", "verifier", "/account",
            now + TimeSpan.FromMinutes(10)));
        db.UsedProofs.Add(new UsedProof(RandomNumberGenerator.GetBytes(32), now + TimeSpan.FromMinutes(5)));
        db.OneTimeLinks.Add(OneTimeLink.ForUser(
            RandomNumberGenerator.GetBytes(32), LinkPurpose.ResetPassword, userId, "anna@example.test", "en", now, TimeSpan.FromHours(1)));
        db.Sessions.Add(UserSession.Start(userId, ["pwd"], now, TimeSpan.FromDays(30), null, null));
        return db.SaveChangesAsync();
    });
}
