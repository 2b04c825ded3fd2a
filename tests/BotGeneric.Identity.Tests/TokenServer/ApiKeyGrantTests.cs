using System.Net;
using BotGeneric.Contracts.Identity;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.TokenServer;

public sealed class ApiKeyGrantTests(TokenServerApplication identity) : IClassFixture<TokenServerApplication>
{
    private const string Grant = "urn:botgeneric:oauth:grant-type:api-key";
    private readonly Flow _gateway = new(identity.CreateClient());

    [Fact]
    public async Task A_key_becomes_a_token_with_the_terms_of_the_key()
    {
        var user = await identity.AddUserAsync();
        var (text, key) = await AddKeyAsync(user.Id, null, ["agents:read", "usage:read"], TimeSpan.FromDays(1));

        var answer = await AskAsync(text);

        Assert.Equal(user.Id.ToString(), answer.Access.Subject);
        Assert.Equal(key.KeyId, answer.Access.GetPayloadValue<string>("key_id"));
        Assert.Equal(["api_key"], answer.Access.GetPayloadValue<string[]>("amr"));
        Assert.Equal("agents:read usage:read", answer.Access.GetPayloadValue<string>("scope"));
        Assert.Equal(["agents", "usage"], answer.Access.Audiences.Order());
        Assert.Null(answer.Text("refresh_token"));
        Assert.Equal(key.KeyId, answer.Text("key_id"));
        Assert.Equal(user.Id.ToString(), answer.Text("account_id"));
        Assert.Equal("10.0.0.0/8", Assert.Single(answer.Json["allowed_networks"]!.AsArray())!.GetValue<string>());
        Assert.Equal(60, answer.Json["requests_per_minute"]!.GetValue<int>());
        Assert.Equal(key.ExpiresAt!.Value.ToUnixTimeSeconds(), answer.Json["key_expires_at"]!.GetValue<long>());
        Assert.Equal(300, answer.Json["expires_in"]!.GetValue<int>());
        Assert.True(await _gateway.IsActiveAsync(answer.AccessToken));
    }

    [Fact]
    public async Task A_token_never_outlives_its_key()
    {
        var (text, _) = await AddKeyAsync((await identity.AddUserAsync()).Id, null, ["agents:read"], TimeSpan.FromSeconds(60));

        Assert.Equal(60, (await AskAsync(text)).Json["expires_in"]!.GetValue<int>());
        identity.Clock.Advance(TimeSpan.FromSeconds(61));
        var refused = await AskAsync(text);
        Assert.Equal("invalid_grant", refused.Error);
        Assert.Equal("expired", refused.Text("key_state"));
    }

    [Fact]
    public async Task That_a_key_has_expired_is_said_of_no_key_that_would_not_work_otherwise()
    {
        var (text, key) = await AddKeyAsync((await identity.AddUserAsync()).Id, null, ["agents:read"], TimeSpan.FromSeconds(60));
        await identity.WithDatabaseAsync(async db =>
        {
            (await db.ApiKeys.SingleAsync(candidate => candidate.Id == key.Id)).Revoke(identity.Clock.GetUtcNow());
            return await db.SaveChangesAsync();
        });
        identity.Clock.Advance(TimeSpan.FromSeconds(61));

        foreach (var sent in new[] { text, ApiKeyFormat.Generate() })
        {
            var refused = await AskAsync(sent);
            Assert.Equal("invalid_grant", refused.Error);
            Assert.Null(refused.Text("key_state"));
        }
    }

    [Fact]
    public async Task A_key_with_the_right_id_and_a_wrong_secret_is_refused()
    {
        var (text, key) = await AddKeyAsync((await identity.AddUserAsync()).Id, null, ["agents:read"], null);
        string forged;
        do
        {
            forged = ApiKeyFormat.Generate();
        }
        while (forged == text);
        await identity.WithDatabaseAsync(db => db.ApiKeys.Where(candidate => candidate.Id == key.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(candidate => candidate.KeyId, forged.Substring(8, 8))));

        Assert.Equal("invalid_grant", (await AskAsync(forged)).Error);
    }

    [Fact]
    public async Task A_revoked_key_and_one_of_a_locked_person_are_refused()
    {
        var user = await identity.AddUserAsync();
        var (revoked, key) = await AddKeyAsync(user.Id, null, ["agents:read"], null);
        var (locked, _) = await AddKeyAsync(user.Id, null, ["agents:read"], null);
        Assert.Null((await AskAsync(revoked)).Error);
        await identity.WithDatabaseAsync(async db =>
        {
            (await db.ApiKeys.SingleAsync(candidate => candidate.Id == key.Id)).Revoke(identity.Clock.GetUtcNow());
            return await db.SaveChangesAsync();
        });

        Assert.Equal("invalid_grant", (await AskAsync(revoked)).Error);
        Assert.Null((await AskAsync(locked)).Error);
        await identity.ChangeAsync(user.Id, changed => changed.Lock(identity.Clock.GetUtcNow(), "test"));
        Assert.Equal("invalid_grant", (await AskAsync(locked)).Error);
    }

    [Fact]
    public async Task A_key_of_an_organization_works_while_its_owner_runs_the_organization()
    {
        var user = await identity.AddUserAsync();
        var organization = Organization.Create("House", identity.Clock.GetUtcNow());
        await identity.WithDatabaseAsync(db =>
        {
            db.Organizations.Add(organization);
            db.Memberships.Add(Membership.Join(organization.Id, user.Id, OrganizationRoles.Admin, identity.Clock.GetUtcNow()));
            return db.SaveChangesAsync();
        });
        var (text, _) = await AddKeyAsync(user.Id, organization.Id, ["agents:read"], null);

        var answer = await AskAsync(text);
        Assert.Equal(organization.Id.ToString(), answer.Text("account_id"));
        Assert.Equal(organization.Id.ToString(), answer.Access.GetPayloadValue<string>("org"));

        await identity.WithDatabaseAsync(async db =>
        {
            (await db.Memberships.SingleAsync(membership => membership.UserId == user.Id)).ChangeRole(OrganizationRoles.Member);
            return await db.SaveChangesAsync();
        });
        Assert.Equal("invalid_grant", (await AskAsync(text)).Error);
    }

    [Fact]
    public async Task The_scope_of_admins_in_a_key_is_worth_something_while_its_owner_is_one_with_a_second_factor()
    {
        var admin = await identity.AddUserAsync(isAdmin: true);
        var (text, _) = await AddKeyAsync(admin.Id, null, ["agents:read", "admin"], null);
        var before = await AskAsync(text);
        Assert.False(before.Access.TryGetPayloadValue<string>("role", out _));
        Assert.Equal("agents:read", before.Access.GetPayloadValue<string>("scope"));

        await identity.ChangeAsync(admin.Id, changed => changed.TwoFactorEnabled = true);
        Assert.Equal("admin", (await AskAsync(text)).Access.GetPayloadValue<string>("role"));

        await identity.ChangeAsync(admin.Id, changed => changed.Withdraw("admin"));

        var after = await AskAsync(text);
        Assert.False(after.Access.TryGetPayloadValue<string>("role", out _));
        Assert.Equal("agents:read", after.Access.GetPayloadValue<string>("scope"));
    }

    [Fact]
    public async Task A_use_is_noted_once_a_minute()
    {
        var (text, key) = await AddKeyAsync((await identity.AddUserAsync()).Id, null, ["agents:read"], null);
        await AskAsync(text);
        var first = await UsedAsync(key.Id);

        identity.Clock.Advance(TimeSpan.FromSeconds(30));
        await AskAsync(text);
        Assert.Equal(first, await UsedAsync(key.Id));

        identity.Clock.Advance(TimeSpan.FromSeconds(31));
        await AskAsync(text);
        Assert.Equal(first + TimeSpan.FromSeconds(61), await UsedAsync(key.Id));
    }

    [Fact]
    public async Task Only_the_gateway_may_ask()
    {
        var (text, _) = await AddKeyAsync((await identity.AddUserAsync()).Id, null, ["agents:read"], null);

        Assert.Equal("unauthorized_client", (await AskAsync(text, ("client_id", "telegram"), ("client_secret", TokenServerApplication.TelegramSecret))).Error);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(text, ("client_secret", "wrong"))).Status);
        Assert.NotNull((await AskAsync(text, ("client_id", null), ("client_secret", null))).Error);
    }

    [Fact]
    public async Task Ten_thousand_invented_keys_never_reach_the_database()
    {
        var counter = new CommandCounter();
        await using var counted = identity.WithWebHostBuilder(builder => Microsoft.AspNetCore.TestHost.WebHostBuilderExtensions.ConfigureTestServices(
            builder, services => services.ConfigureDbContext<Data.IdentityDbContext>(options => options.AddInterceptors(counter))));
        var gateway = new Flow(counted.CreateClient());
        var random = new Random(1);
        var (real, _) = await AddKeyAsync((await identity.AddUserAsync()).Id, null, ["agents:read"], null);
        Assert.Null((await gateway.TokenAsync(("grant_type", Grant), ("api_key", real))).Error);
        Assert.True(counter.Count > 0);
        counter.IsArmed = true;

        await Parallel.ForEachAsync(Enumerable.Range(0, 10_000), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (number, _) =>
        {
            var invented = ApiKeyFormat.Generate();
            string key;
            lock (random)
            {
                key = invented[..^1] + (char)('a' + ((invented[^1] - 'a' + 1 + random.Next(24)) % 26 + 26) % 26);
            }

            if (ApiKeyFormat.TryParse(key, out var _))
            {
                return;
            }

            var answer = await gateway.TokenAsync(("grant_type", Grant), ("api_key", key));
            Assert.Equal("invalid_grant", answer.Error);
        });

        Assert.Equal(0, counter.CommandsOfRequests);
    }

    private Task<Tokens> AskAsync(string key, params (string, string?)[] more) => _gateway.TokenAsync([("grant_type", Grant), ("api_key", key), .. more]);

    private Task<DateTimeOffset?> UsedAsync(Guid id) =>
        identity.WithDatabaseAsync(db => db.ApiKeys.Where(key => key.Id == id).Select(key => key.LastUsedAt).SingleAsync());

    private async Task<(string Text, ApiKey Key)> AddKeyAsync(Guid userId, Guid? organizationId, string[] scopes, TimeSpan? lifetime)
    {
        var text = ApiKeyFormat.Generate();
        Assert.True(ApiKeyFormat.TryParse(text, out var keyId));
        var now = identity.Clock.GetUtcNow();
        var key = ApiKey.Create(keyId, ApiKeyFormat.Hash(text), userId, organizationId, "test", scopes, now, now + lifetime);
        key.Restrict("test", ["10.0.0.0/8"], 60);
        await identity.WithDatabaseAsync(db =>
        {
            db.ApiKeys.Add(key);
            return db.SaveChangesAsync();
        });
        return (text, key);
    }

    // Counts commands, and those of requests: the background work of the service asks about tables of its own.
    private sealed class CommandCounter : DbCommandInterceptor
    {
        private int _count;
        private int _ofRequests;

        public bool IsArmed { get; set; }

        public int Count => _count;

        public int CommandsOfRequests => _ofRequests;

        public override ValueTask<InterceptionResult<System.Data.Common.DbDataReader>> ReaderExecutingAsync(
            System.Data.Common.DbCommand command, CommandEventData eventData, InterceptionResult<System.Data.Common.DbDataReader> result,
            CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _count);
            if (IsArmed && !command.CommandText.Contains("outbox", StringComparison.Ordinal) && !command.CommandText.Contains("signing_keys", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _ofRequests);
            }

            return base.ReaderExecutingAsync(command, eventData, result, cancellationToken);
        }
    }
}
