using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Contracts;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Contracts.Identity;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Domain;
using BotGeneric.Policy.Messaging;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Policy.Tests;

public sealed class PolicyApplication() : ServiceApplication<Program>("policy");

public sealed class PlanGrantTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Any_order_and_repetition_of_changes_ends_in_the_latest()
    {
        Gen.Select(Gen.Int[0, 30].HashSet[1, 10], Gen.Int[0, int.MaxValue]).Sample((days, seed) =>
        {
            var changes = days.Select(day => Changes.Of(Guid.Empty, Start.AddDays(day), limit: day, revision: day + 1)).ToArray();
            var deliveries = changes.Concat(changes).ToArray();
            new Random(seed).Shuffle(deliveries);

            var grant = PlanGrant.From(deliveries[0]);
            foreach (var delivery in deliveries)
            {
                grant.Apply(delivery);
            }

            return grant.Entitlements.Single().Limit == days.Max();
        });
    }

    [Fact]
    public void The_most_generous_of_all_grants_holds()
    {
        Entitlement[] free = [new(Meters.Requests, LimitWindows.Day, 50), new(Meters.InputTokens, LimitWindows.Month, 7)];
        PlanGrant[] grants =
        [
            PlanGrant.From(Changes.Of(Guid.Empty, Start, limit: 1000)),
            PlanGrant.From(Changes.Of(Guid.Empty, Start, limit: 200)),
            PlanGrant.From(Changes.Of(Guid.Empty, Start, limit: 9999, grantsAccess: false)),
        ];

        var limits = EffectiveLimits.Combine(free, grants);

        Assert.Equal([new(Meters.Requests, LimitWindows.Day, 1000), new(Meters.InputTokens, LimitWindows.Month, 7)], limits);
    }

    [Theory]
    [InlineData(LimitWindows.Day, "2026-02-28T23:59:59.9999999Z", "2026-02-28", "2026-03-01")]
    [InlineData(LimitWindows.Day, "2026-03-01T01:00:00+02:00", "2026-02-28", "2026-03-01")]
    [InlineData(LimitWindows.Month, "2024-02-29T12:00:00Z", "2024-02-01", "2024-03-01")]
    [InlineData(LimitWindows.Month, "2026-12-31T23:59:59Z", "2026-12-01", "2027-01-01")]
    public void A_window_is_of_the_calendar_in_utc(string window, string at, string start, string end)
    {
        var counted = CountedWindow.Of(window == LimitWindows.Day ? LimitWindowKind.Day : LimitWindowKind.Month, DateTimeOffset.Parse(at, null), period: null);

        Assert.Equal((DateOnly.Parse(start, null), DateOnly.Parse(end, null)), (DateOnly.FromDateTime(counted.Start.UtcDateTime), DateOnly.FromDateTime(counted.End.UtcDateTime)));
    }
}

public sealed class LimitsTests(PolicyApplication application) : IClassFixture<PolicyApplication>
{
    private static readonly DateTimeOffset Day = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    private readonly HttpClient _client = application.CreateOperatorClient();
    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task An_account_that_nobody_has_heard_of_has_the_free_allowance()
    {
        var limits = await LimitsAsync(Day);

        Assert.Empty(limits.GetProperty("plans").EnumerateArray());
        Assert.Equal((50, 0, 50), Limit(limits, Meters.Requests));
    }

    [Fact]
    public async Task A_subscription_raises_the_limit_and_its_end_lowers_it_again()
    {
        var subscription = Guid.CreateVersion7();
        await HandleAsync(Changes.Of(_account, Day, limit: 1000, subscription: subscription));
        var raised = await LimitsAsync(Day);
        await HandleAsync(Changes.Of(_account, Day.AddDays(1), limit: 1000, grantsAccess: false, subscription: subscription, revision: 2));
        await HandleAsync(Changes.Of(_account, Day, limit: 1000, subscription: subscription));
        var lowered = await LimitsAsync(Day);

        Assert.Equal("pro", Assert.Single(raised.GetProperty("plans").EnumerateArray()).GetString());
        Assert.Equal((1000, 0, 1000), Limit(raised, Meters.Requests));
        Assert.Equal((50, 0, 50), Limit(lowered, Meters.Requests));
    }

    [Fact]
    public async Task Changes_that_come_together_and_in_another_order_end_in_the_latest_of_each_subscription()
    {
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await HandleAsync(
            Changes.Of(_account, Day, limit: 1000, subscription: first, revision: 2),
            Changes.Of(_account, Day, limit: 9000, subscription: second, revision: 1),
            Changes.Of(_account, Day, limit: 5000, subscription: first, revision: 1),
            Changes.Of(_account, Day, limit: 9000, grantsAccess: false, subscription: second, revision: 2));

        var limits = await Eventually.GetAsync(() => LimitsAsync(Day), limits => Limit(limits, Meters.Requests).Limit != 50, "the plan");

        Assert.Equal((1000, 0, 1000), Limit(limits, Meters.Requests));
    }

    [Fact]
    public async Task Usage_counts_in_the_windows_of_its_own_time_and_survives_a_change_of_plan()
    {
        await HandleAsync(Usage(Day), Usage(Day), Usage(Day.AddDays(-1)), Usage(Day.AddMonths(-1)));
        await HandleAsync(Usage(Day));
        await HandleAsync(Changes.Of(_account, Day, limit: 1000));

        var limits = await Eventually.GetAsync(() => LimitsAsync(Day), limits => Limit(limits, Meters.Requests).Limit == 1000, "the plan");

        Assert.Equal((1000, 3, 997), Limit(limits, Meters.Requests));
        Assert.Equal(4 * (100 + 20 + 3), Limit(limits, Meters.InputTokens).Used);
        Assert.Equal(4 * (10 + 5), Limit(limits, Meters.OutputTokens).Used);
    }

    [Fact]
    public async Task What_is_used_beyond_the_limit_leaves_nothing_and_no_less()
    {
        await HandleAsync([.. Enumerable.Range(0, 60).Select(_ => Usage(Day))]);

        Assert.Equal((50, 60, 0), Limit(await LimitsAsync(Day), Meters.Requests));
    }

    [Fact]
    public async Task Batches_for_the_same_account_at_once_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => HandleAsync(Usage(Day), Usage(Day.AddDays(1)))));

        Assert.Equal(16, Limit(await LimitsAsync(Day), Meters.Requests).Used);
    }

    [Theory]
    [InlineData("?account=alice")]
    [InlineData("?account=0192f0c1-2345-7abc-8def-0123456789ab&at=soon")]
    [InlineData("?account=0192f0c1-2345-7abc-8def-0123456789ab&at=9999-12-31T23:59:59Z")]
    public async Task A_wrong_parameter_is_refused(string query) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await _client.GetAsync($"/api/policy/limits{query}")).StatusCode);

    [Fact]
    public async Task A_person_sees_their_own_limits_and_nobody_elses()
    {
        await HandleAsync(Changes.Of(_account, Day, limit: 1000));
        using var owner = application.CreateClientFor(_account, scopes: [ApiScopes.PolicyRead]);
        using var stranger = application.CreateClientFor(Guid.CreateVersion7(), scopes: [ApiScopes.PolicyRead]);

        var own = await owner.GetFromJsonAsync<JsonElement>("/api/policy/limits");
        var named = await owner.GetFromJsonAsync<JsonElement>($"/api/policy/limits?account={_account}");

        Assert.Equal(1000, Limit(own, Meters.Requests).Limit);
        Assert.Equal(1000, Limit(named, Meters.Requests).Limit);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/policy/limits?account={_account}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/policy/limits?account={Guid.CreateVersion7()}")).StatusCode);
    }

    [Fact]
    public async Task A_member_sees_the_limits_of_the_organization_he_acts_for()
    {
        await HandleAsync(Changes.Of(_account, Day, limit: 1000));
        using var member = application.CreateClientFor(Guid.CreateVersion7(), _account, "member", ApiScopes.PolicyRead);

        Assert.Equal(1000, Limit(await member.GetFromJsonAsync<JsonElement>("/api/policy/limits"), Meters.Requests).Limit);
    }

    private static (long Limit, long Used, long Remaining) Limit(JsonElement limits, string meter)
    {
        var limit = limits.GetProperty("limits").EnumerateArray().Single(row => row.GetProperty("meter").GetString() == meter);
        return (limit.GetProperty("limit").GetInt64(), limit.GetProperty("used").GetInt64(), limit.GetProperty("remaining").GetInt64());
    }

    private Task<JsonElement> LimitsAsync(DateTimeOffset at) =>
        _client.GetFromJsonAsync<JsonElement>($"/api/policy/limits?account={_account}&at={Uri.EscapeDataString(at.ToString("O"))}");

    private UsageEntry Usage(DateTimeOffset time) => new()
    {
        EntryId = Guid.CreateVersion7(),
        AccountId = _account,
        Time = time,
        Feature = "chat",
        InputTokens = 100,
        CachedInputTokens = 20,
        CacheWriteTokens = 3,
        OutputTokens = 10,
        ReasoningTokens = 5,
    };

    private Task HandleAsync(params SubscriptionChanged[] changes) => InTransactionAsync(async (services, db) =>
    {
        await services.GetRequiredService<SubscriptionChangedHandler>().HandleAsync(
            [.. changes.Select(changed => new ReceivedEvent<SubscriptionChanged>(changed, default(ActivityContext)))], db, CancellationToken.None);
        await db.SaveChangesAsync();
    });

    private Task HandleAsync(params UsageEntry[] entries) => InTransactionAsync((services, db) => services.GetRequiredService<UsageRecordedHandler>().HandleAsync(
        [.. entries.Chunk(2).Select(chunk => new ReceivedEvent<UsageRecorded>(
            new UsageRecorded { EventId = Guid.CreateVersion7(), OccurredAt = Day, Entries = chunk }, default(ActivityContext)))],
        db,
        CancellationToken.None));

    private async Task InTransactionAsync(Func<IServiceProvider, PolicyDbContext, Task> work)
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await work(scope.ServiceProvider, db);
        await transaction.CommitAsync();
    }
}

internal static class Changes
{
    internal static SubscriptionChanged Of(
        Guid account, DateTimeOffset at, long limit, bool grantsAccess = true, Guid? subscription = null, long revision = 1) => new()
        {
            EventId = Guid.CreateVersion7(),
            OccurredAt = at,
            SubscriptionId = subscription ?? Guid.CreateVersion7(),
            Revision = revision,
            AccountId = account,
            PlanCode = "pro",
            PlanVersion = 1,
            Status = grantsAccess ? SubscriptionStatuses.Active : SubscriptionStatuses.Canceled,
            GrantsAccess = grantsAccess,
            Entitlements = [new Entitlement(Meters.Requests, LimitWindows.Day, limit)],
        };
}
