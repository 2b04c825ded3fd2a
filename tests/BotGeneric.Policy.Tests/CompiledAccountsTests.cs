using System.Net.Http.Json;
using BotGeneric.Contracts;
using BotGeneric.Messaging.Broadcasts;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Limits;
using BotGeneric.Policy.Messaging;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace BotGeneric.Policy.Tests;

/// <summary>What was compiled is kept, and forgotten when it changes.</summary>
public sealed class CompiledAccountsTests(PolicyApplication application) : IClassFixture<PolicyApplication>
{
    private readonly Guid _account = Guid.CreateVersion7();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));

    private PolicySubject Subject => new(_account, _account, "k");

    [Fact]
    public async Task A_lookup_of_what_is_there_allocates_nothing()
    {
        using var accounts = Deaf();
        var expected = await accounts.GetAsync(Subject, CancellationToken.None);
        for (var warm = 0; warm < 200; warm++)
        {
            await accounts.GetAsync(Subject, CancellationToken.None);
        }

        var allocated = Allocated(accounts, Subject, expected);

        Assert.Equal(0, allocated);
        Assert.Equal(1, accounts.Reads);
    }

    [Fact]
    public async Task However_many_ask_at_once_it_is_read_once()
    {
        using var accounts = Deaf();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => accounts.GetAsync(Subject, CancellationToken.None).AsTask())));

        Assert.Single(answers.Distinct());
        Assert.Equal(1, accounts.Reads);
    }

    [Fact]
    public async Task While_changes_are_not_heard_nothing_is_used_for_longer_than_a_second()
    {
        using var accounts = Deaf();
        await accounts.GetAsync(Subject, CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(1));
        await accounts.GetAsync(Subject, CancellationToken.None);
        var kept = accounts.Reads;
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await accounts.GetAsync(Subject, CancellationToken.None);

        Assert.Equal((1, 2), (kept, accounts.Reads));
    }

    [Fact]
    public async Task There_is_never_more_kept_than_there_is_room_for()
    {
        using var accounts = Deaf(capacity: 8);
        for (var number = 0; number < 50; number++)
        {
            await accounts.GetAsync(new PolicySubject(Guid.CreateVersion7(), null, null), CancellationToken.None);
            Assert.InRange(accounts.Count, 1, 8);
        }
    }

    [Fact]
    public async Task What_changes_by_itself_is_compiled_anew_at_that_moment()
    {
        await SetAsync(db => db.LimitOverrides.Add(new()
        {
            Id = Guid.CreateVersion7(),
            AccountId = _account,
            LimitCode = "plan:llm.requests:day",
            Maximum = 7,
            EffectiveFrom = _time.GetUtcNow(),
            EffectiveTo = _time.GetUtcNow().AddMilliseconds(500),
            Reason = "test",
            CreatedBy = "test",
            CreatedAt = _time.GetUtcNow(),
        }));
        using var accounts = Deaf();

        var before = await RequestsAsync(accounts);
        _time.Advance(TimeSpan.FromMilliseconds(500));

        Assert.Equal((7, 50), (before, await RequestsAsync(accounts)));
    }

    [Fact]
    public async Task A_change_at_one_replica_is_in_force_at_the_other()
    {
        await using var second = application.WithWebHostBuilder(_ => { });
        var accounts = await HearingAsync(second);
        using var client = application.CreateOperatorClient();
        Assert.Equal(50, await RequestsAsync(accounts));
        var watch = System.Diagnostics.Stopwatch.StartNew();

        using var answer = await client.PostAsJsonAsync("/api/admin/policies/overrides", new { account = _account, limit = "plan:llm.requests:day", maximum = "77", reason = "a good customer" });
        answer.EnsureSuccessStatusCode();
        await Eventually.EqualAsync(77L, () => RequestsAsync(accounts), "the override to hold at the other replica");
        Console.WriteLine($"In force at the other replica after {watch.ElapsedMilliseconds} ms.");

        using var policy = await client.PostAsJsonAsync("/api/admin/policies", AdminPoliciesTests.Draft("evicts-everybody", "user", 5));
        policy.EnsureSuccessStatusCode();
        await Eventually.EqualAsync(true, async () => (await accounts.GetAsync(Subject, CancellationToken.None)).Limits.Any(limit => limit.Policy == "evicts-everybody"), "the policy to hold there");
    }

    [Fact]
    public async Task What_is_heard_of_subscriptions_merges_deletions_and_organizations_is_in_force_at_once()
    {
        var accounts = await HearingAsync(application);
        var (absorbed, organization) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        Assert.Equal(50, await RequestsAsync(accounts));
        await accounts.GetAsync(new PolicySubject(organization, null, null), CancellationToken.None);

        await SetAsync(db => Handler().HandleAsync([new(Changes.Of(absorbed, _time.GetUtcNow(), limit: 900), default)], db, CancellationToken.None));
        await application.Services.MergeAsync<PolicyDbContext>(absorbed, _account);
        await Eventually.EqualAsync(900L, () => RequestsAsync(accounts), "the merged plan to hold");

        await SetAsync(db => Handler().HandleAsync([new(Changes.Of(_account, _time.GetUtcNow(), limit: 1200), default)], db, CancellationToken.None));
        await Eventually.EqualAsync(1200L, () => RequestsAsync(accounts), "the new plan to hold");

        await application.Services.EraseAsync<PolicyDbContext>(_account);
        await Eventually.EqualAsync(
            AccountStanding.Deleted, async () => (await accounts.GetAsync(Subject, CancellationToken.None)).Standing, "the deletion to hold");

        SubscriptionChangedHandler Handler() => new(application.Services.GetRequiredService<PolicyAnnouncer>());
    }

    [Fact]
    public async Task A_change_during_the_reading_is_not_missed()
    {
        var stamps = new EvictionStamps();
        using var accounts = Deaf(stamps: stamps);
        var reading = accounts.GetAsync(Subject, CancellationToken.None).AsTask();
        stamps.Evict(_account);
        await reading;

        await accounts.GetAsync(Subject, CancellationToken.None);
        await accounts.GetAsync(Subject, CancellationToken.None);

        Assert.Equal(2, accounts.Reads);
    }

    [Fact]
    public async Task While_the_database_is_away_limits_are_used_as_they_were_last_read_but_not_for_ever()
    {
        var line = new DatabaseLine(application.Services.GetRequiredService<IServiceScopeFactory>());
        using var accounts = Deaf(scopes: line);
        var expected = await accounts.GetAsync(Subject, CancellationToken.None);

        line.IsCut = true;
        _time.Advance(TimeSpan.FromMinutes(59));
        var stale = await accounts.GetAsync(Subject, CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(2));
        await Assert.ThrowsAnyAsync<Exception>(() => accounts.GetAsync(Subject, CancellationToken.None).AsTask());
        line.IsCut = false;
        var renewed = await accounts.GetAsync(Subject, CancellationToken.None);

        Assert.Same(expected, stale);
        Assert.NotSame(expected, renewed);
    }

    [Fact]
    public async Task While_the_database_is_away_one_who_asks_tries_it_and_the_others_do_not_wait()
    {
        var line = new DatabaseLine(application.Services.GetRequiredService<IServiceScopeFactory>());
        using var accounts = Deaf(scopes: line);
        await accounts.GetAsync(Subject, CancellationToken.None);
        line.IsCut = true;
        _time.Advance(TimeSpan.FromMinutes(1));
        for (var call = 0; call < 20; call++)
        {
            await accounts.GetAsync(Subject, CancellationToken.None);
        }

        var before = accounts.Reads;
        _time.Advance(TimeSpan.FromSeconds(1));
        await accounts.GetAsync(Subject, CancellationToken.None);

        Assert.Equal((2, 3), (before, accounts.Reads));
    }

    [Fact]
    public async Task A_change_that_was_heard_of_is_not_passed_over_because_the_database_is_away()
    {
        var line = new DatabaseLine(application.Services.GetRequiredService<IServiceScopeFactory>());
        var stamps = new EvictionStamps();
        using var accounts = Deaf(stamps: stamps, scopes: line);
        await accounts.GetAsync(Subject, CancellationToken.None);

        line.IsCut = true;
        stamps.Evict(_account);

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => accounts.GetAsync(Subject, CancellationToken.None).AsTask());
        Assert.True(DatabaseOutage.Is(exception));
    }

    private static long Allocated(CompiledAccounts accounts, PolicySubject subject, CompiledAccount expected)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var number = 0; number < 10_000; number++)
        {
            var lookup = accounts.GetAsync(subject, CancellationToken.None);
            if (!lookup.IsCompletedSuccessfully || !ReferenceEquals(lookup.Result, expected))
            {
                return -1;
            }
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    // Hears nothing, so that nothing but the test changes what it keeps.
    private CompiledAccounts Deaf(int capacity = 100, EvictionStamps? stamps = null, IServiceScopeFactory? scopes = null)
    {
        var options = application.Services.GetRequiredService<IOptions<PolicyOptions>>().Value;
        var own = new PolicyOptions { CompiledCapacity = capacity };
        foreach (var entitlement in options.Free)
        {
            own.Free.Add(entitlement);
        }

        var store = new PolicyStore(scopes ?? application.Services.GetRequiredService<IServiceScopeFactory>(), Options.Create(own), _time);
        return new CompiledAccounts(
            store, stamps ?? new EvictionStamps(), new BroadcastState(_time), Options.Create(own), _time, NullLogger<CompiledAccounts>.Instance);
    }

    private static async Task<ICompiledAccounts> HearingAsync(WebApplicationFactory<Program> host)
    {
        var state = host.Services.GetRequiredService<BroadcastState>();
        await Eventually.EqualAsync(true, () => Task.FromResult(state.IsConnected), "the host to hear");
        return host.Services.GetRequiredService<ICompiledAccounts>();
    }

    private async Task<long> RequestsAsync(ICompiledAccounts accounts) =>
        (await accounts.GetAsync(Subject, CancellationToken.None)).Limits.FirstOrDefault(limit => limit.Unit == Meters.Requests && limit.Scope == LimitScope.Plan)?.Maximum ?? -1;

    private Task SetAsync(Action<PolicyDbContext> change) => SetAsync(db =>
    {
        change(db);
        return Task.CompletedTask;
    });

    private async Task SetAsync(Func<PolicyDbContext, Task> change)
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await change(db);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }

    // The way to the database: once it is cut, nobody is at its end.
    private sealed class DatabaseLine(IServiceScopeFactory scopes) : IServiceScopeFactory, IServiceScope, IServiceProvider
    {
        private static readonly DbContextOptions<PolicyDbContext> Nowhere =
            new DbContextOptionsBuilder<PolicyDbContext>().UseNpgsql("Host=127.0.0.1;Port=1;Username=nobody;Database=nothing;Timeout=2").Options;

        internal bool IsCut { get; set; }

        public IServiceProvider ServiceProvider => this;

        public IServiceScope CreateScope() => IsCut ? this : scopes.CreateScope();

        public object? GetService(Type serviceType) => serviceType == typeof(PolicyDbContext) ? new PolicyDbContext(Nowhere) : null;

        public void Dispose()
        {
        }
    }
}
