using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Analytics.Data;
using BotGeneric.Analytics.Messaging;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Contracts.Identity;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.Testing.Services;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Analytics.Tests;

public sealed class AnalyticsApplication() : ServiceApplication<Program>("analytics");

public sealed class AnalyticsTests(AnalyticsApplication application) : IClassFixture<AnalyticsApplication>
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    private readonly HttpClient _client = application.CreateOperatorClient();
    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task Usage_is_summed_by_hour_and_composed_to_days()
    {
        await HandleAsync(Usage(Noon), Usage(Noon.AddMinutes(59)), Usage(Noon.AddHours(1), model: "m2"));
        await HandleAsync(Usage(Noon), Usage(Noon.AddDays(1)));

        var hours = await TrendAsync("&granularity=hour");
        var days = await TrendAsync("&granularity=day");

        Assert.Equal([("2026-01-15T12:00:00+00:00", 3), ("2026-01-15T13:00:00+00:00", 1), ("2026-01-16T12:00:00+00:00", 1)], Points(hours));
        Assert.Equal([("2026-01-15T00:00:00+00:00", 4), ("2026-01-16T00:00:00+00:00", 1)], Points(days));
        foreach (var totals in new[] { hours.GetProperty("totals"), days.GetProperty("totals") })
        {
            Assert.Equal((5, 5 * 123, 5 * 15), (
                totals.GetProperty("requests").GetInt64(), totals.GetProperty("inputTokens").GetInt64(), totals.GetProperty("outputTokens").GetInt64()));
        }
    }

    [Fact]
    public async Task The_end_of_a_span_is_exclusive_and_another_account_does_not_count()
    {
        await HandleAsync(Usage(Noon), Usage(Noon.AddHours(1)), Usage(Noon, account: Guid.CreateVersion7()));

        var trend = await _client.GetFromJsonAsync<JsonElement>(
            $"/api/analytics/trends?account={_account}&from=2026-01-15T12:00:00Z&to=2026-01-15T13:00:00Z&granularity=hour");

        Assert.Equal([("2026-01-15T12:00:00+00:00", 1)], Points(trend));
    }

    [Fact]
    public async Task Batches_for_the_same_hours_at_once_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => HandleAsync(Usage(Noon), Usage(Noon, model: "m2"))));

        Assert.Equal(32, (await TrendAsync(string.Empty)).GetProperty("totals").GetProperty("requests").GetInt64());
    }

    [Theory]
    [InlineData("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z")]
    [InlineData("from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z&granularity=hour")]
    [InlineData("granularity=week")]
    [InlineData("to=9999-12-31T23:59:59Z")]
    [InlineData("from=0001-01-01T00:00:00Z")]
    [InlineData("account=alice")]
    public async Task A_wrong_parameter_is_refused(string query) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await _client.GetAsync($"/api/analytics/trends?{query}")).StatusCode);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Subscriptions_are_counted_in_their_latest_state(bool together)
    {
        var subscription = Guid.CreateVersion7();
        var plan = $"plan-{Guid.NewGuid():N}";
        SubscriptionChanged[] changes = [Change(subscription, plan, 2, SubscriptionStatuses.Canceled), Change(subscription, plan, 1, SubscriptionStatuses.Active)];
        foreach (var batch in changes.Chunk(together ? 2 : 1))
        {
            await HandleAsync(batch);
        }

        var stats = await _client.GetFromJsonAsync<JsonElement>("/api/admin/stats/subscriptions");

        var count = Assert.Single(stats.GetProperty("items").EnumerateArray(), item => item.GetProperty("plan").GetString() == plan);
        Assert.Equal(("canceled", 1), (count.GetProperty("status").GetString(), count.GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task A_person_sees_their_own_usage_and_nobody_elses()
    {
        const string Span = "from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z";
        await HandleAsync(Usage(Noon), Usage(Noon, account: Guid.CreateVersion7()));
        using var owner = application.CreateClientFor(_account, scopes: [ApiScopes.AnalyticsRead]);
        using var stranger = application.CreateClientFor(Guid.CreateVersion7(), scopes: [ApiScopes.AnalyticsRead]);

        var own = await owner.GetFromJsonAsync<JsonElement>($"/api/analytics/trends?{Span}");
        var none = await stranger.GetFromJsonAsync<JsonElement>($"/api/analytics/trends?{Span}");
        var all = await _client.GetFromJsonAsync<JsonElement>($"/api/analytics/trends?{Span}");

        Assert.Equal(1, own.GetProperty("totals").GetProperty("requests").GetInt32());
        Assert.Equal(0, none.GetProperty("totals").GetProperty("requests").GetInt32());
        Assert.True(all.GetProperty("totals").GetProperty("requests").GetInt32() >= 2);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/analytics/trends?account={_account}&{Span}")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await owner.GetAsync("/api/admin/stats/subscriptions")).StatusCode);
    }

    private static List<(string?, int)> Points(JsonElement trend) =>
        [.. trend.GetProperty("points").EnumerateArray().Select(point => (point.GetProperty("start").GetString(), point.GetProperty("requests").GetInt32()))];

    private static SubscriptionChanged Change(Guid subscription, string plan, long revision, string status) => new()
    {
        EventId = Guid.CreateVersion7(),
        OccurredAt = Noon,
        SubscriptionId = subscription,
        Revision = revision,
        AccountId = Guid.CreateVersion7(),
        PlanCode = plan,
        Status = status,
        GrantsAccess = status == SubscriptionStatuses.Active,
        Entitlements = [],
    };

    private Task<JsonElement> TrendAsync(string query) => _client.GetFromJsonAsync<JsonElement>(
        $"/api/analytics/trends?account={_account}&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z{query}");

    private UsageEntry Usage(DateTimeOffset time, string? model = null, Guid? account = null) => new()
    {
        EntryId = Guid.CreateVersion7(),
        AccountId = account ?? _account,
        Time = time,
        Feature = "chat",
        Model = model,
        InputTokens = 100,
        CachedInputTokens = 20,
        CacheWriteTokens = 3,
        OutputTokens = 10,
        ReasoningTokens = 5,
    };

    private Task HandleAsync(params SubscriptionChanged[] changes) => InTransactionAsync(async db =>
    {
        await new SubscriptionChangedHandler().HandleAsync(
            [.. changes.Select(changed => new ReceivedEvent<SubscriptionChanged>(changed, default(ActivityContext)))], db, CancellationToken.None);
        await db.SaveChangesAsync();
    });

    private Task HandleAsync(params UsageEntry[] entries) => InTransactionAsync(db => new UsageRecordedHandler().HandleAsync(
        [.. entries.Chunk(2).Select(chunk => new ReceivedEvent<UsageRecorded>(
            new UsageRecorded { EventId = Guid.CreateVersion7(), OccurredAt = Noon, Entries = chunk }, default(ActivityContext)))],
        db,
        CancellationToken.None));

    private async Task InTransactionAsync(Func<AnalyticsDbContext, Task> work)
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AnalyticsDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await work(db);
        await transaction.CommitAsync();
    }
}
