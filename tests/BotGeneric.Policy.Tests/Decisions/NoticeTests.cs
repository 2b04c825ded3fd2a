using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Messaging;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>What is said about limits that are reached, and how often.</summary>
public sealed class NoticeTests(DecisionApplication application) : IClassFixture<DecisionApplication>
{
    private readonly Rig _rig = new(application);

    [Fact]
    public async Task Each_threshold_is_said_once_in_a_window_however_often_the_news_come()
    {
        await using var tap = await BrokerTap<LimitThresholdReached>.OpenAsync();
        Limit(Quota(100, Output));

        await CountAsync(49);
        await CountAsync(2);
        await CountAsync(1);
        await CountAsync(60, times: 3);
        await CountAsync(5);

        var heard = await HeardAsync(tap, 3);
        Assert.Equal([50, 80, 100], heard.Select(said => said.Percent).Order());
        Assert.All(heard, said => Assert.Equal(("Plan:llm.output_tokens:Day", 100m), (said.Limit.Code, said.Limit.Limit)));
        Assert.Equal(3, await NoticesAsync());
    }

    [Fact]
    public async Task A_limit_that_refuses_is_said_once_in_a_window_and_every_refusal_of_the_first_ones_is_remembered()
    {
        await using var tap = await BrokerTap<LimitExceeded>.OpenAsync();
        Limit(Quota(10, Output));
        await _rig.RecordAndTellAsync(_rig.Usage(output: 10));
        using var client = application.CreateClientFor(_rig.Account, scopes: [ApiScopes.PolicyAuthorize]);

        for (var call = 0; call < 4; call++)
        {
            await client.PostAsJsonAsync("/api/policy/authorize", new { feature = "chat", channel = "web", estimate = new { outputTokens = 5 } });
        }

        await Eventually.EqualAsync(4, RefusalsAsync, "the refusals remembered");
        var said = await Eventually.GetAsync(() => Task.FromResult(Of(tap.Events)), events => events.Length > 0, "the event");
        Assert.Equal((1, "chat"), (said.Length, said[0].Feature));
        Assert.Equal(1, await NoticesAsync());

        LimitExceeded[] Of(IReadOnlyCollection<LimitExceeded> events) => [.. events.Where(said => said.AccountId == _rig.Account)];
    }

    [Fact]
    public async Task A_limit_that_is_too_small_for_a_call_or_held_for_a_moment_is_not_said_to_be_exceeded()
    {
        Limit(Quota(10, Output));
        using var client = application.CreateClientFor(_rig.Account, scopes: [ApiScopes.PolicyAuthorize]);

        foreach (var tokens in new[] { 11, 6, 6 })
        {
            await client.PostAsJsonAsync("/api/policy/authorize", new { feature = "chat", estimate = new { outputTokens = tokens } });
        }

        await Eventually.EqualAsync(2, RefusalsAsync, "the refusals remembered");
        Assert.Equal(0, await NoticesAsync());
    }

    [Fact]
    public async Task Why_a_call_was_refused_is_shown_with_where_every_limit_stood_and_its_trace()
    {
        Limit(Quota(10, Output), Quota(100));
        await _rig.RecordAndTellAsync(_rig.Usage(output: 10));
        using var client = application.CreateClientFor(_rig.Account, scopes: [ApiScopes.PolicyAuthorize]);
        using var admin = application.CreateOperatorClient();
        var trace = ActivityTraceId.CreateRandom();
        for (var call = 0; call < 3; call++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/policy/authorize")
            {
                Content = JsonContent.Create(new { feature = "chat", model = $"m{call}", channel = "web", estimate = new { outputTokens = 5 } }),
                Headers = { { "traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01" } },
            };
            using var response = await client.SendAsync(request);
            Assert.True(response.IsSuccessStatusCode);
        }

        await Eventually.EqualAsync(3, RefusalsAsync, "the refusals remembered");
        var first = await PageAsync("&limit=2");
        var rest = await PageAsync($"&limit=2&cursor={first.GetProperty("nextCursor").GetString()}");

        JsonElement[] items = [.. first.GetProperty("items").EnumerateArray(), .. rest.GetProperty("items").EnumerateArray()];
        Assert.Equal(["m0", "m1", "m2"], items.Select(item => item.GetProperty("model").GetString()).Order(StringComparer.Ordinal));
        Assert.All(items, item => Assert.Equal(
            (trace.ToString(), "quota_exhausted", "Plan:llm.output_tokens:Day", "chat", "web", _rig.Account),
            (item.GetProperty("traceId").GetString(), item.GetProperty("reason").GetString(), item.GetProperty("limit").GetString(), item.GetProperty("feature").GetString(),
                item.GetProperty("channel").GetString(), item.GetProperty("accountId").GetGuid())));
        Assert.All(items, item => Assert.Equal(2, item.GetProperty("limits").GetArrayLength()));
        Assert.Empty((await PageAsync(string.Empty, Guid.CreateVersion7())).GetProperty("items").EnumerateArray());
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync($"/api/admin/policies/refusals?account={_rig.Account}")).StatusCode);

        Task<JsonElement> PageAsync(string query, Guid? account = null) =>
            admin.GetFromJsonAsync<JsonElement>($"/api/admin/policies/refusals?account={account ?? _rig.Account}{query}");
    }

    [Fact]
    public async Task A_flood_of_refusals_leaves_a_few_of_them()
    {
        Limit(Quota(10, Output));
        await _rig.RecordAndTellAsync(_rig.Usage(output: 10));
        using var client = application.CreateClientFor(_rig.Account, scopes: [ApiScopes.PolicyAuthorize]);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ =>
            client.PostAsJsonAsync("/api/policy/authorize", new { feature = "chat", estimate = new { outputTokens = 5 } })));

        // Five in a minute; the flood may lie across the end of one.
        var remembered = await Eventually.GetAsync(RefusalsAsync, count => count >= 5, "the first refusals");
        Assert.InRange(remembered, 5, 10);
    }

    private void Limit(params CompiledLimit[] limits)
    {
        _rig.Limit(limits);
        application.Accounts.Set(_rig.Account, subject => new CompiledAccount { Subject = subject, Limits = limits });
    }

    private async Task CountAsync(long tokens, int times = 1)
    {
        var counted = await _rig.RecordAsync(_rig.Usage(output: tokens));
        for (var time = 0; time < times; time++)
        {
            await using var scope = application.Services.CreateAsyncScope();
            var services = scope.ServiceProvider;
            var db = services.GetRequiredService<PolicyDbContext>();
            var handler = new UsageCountedHandler(services.GetRequiredService<LiveCounters>(), services.GetRequiredService<Thresholds>());
            await using var transaction = await db.Database.BeginTransactionAsync();
            await handler.HandleAsync(
                new UsageCounted { EventId = Guid.CreateVersion7(), OccurredAt = DateTimeOffset.UtcNow, Accounts = counted }, db, CancellationToken.None);
            await db.SaveChangesAsync();
            await transaction.CommitAsync();
        }
    }

    private Task<LimitThresholdReached[]> HeardAsync(BrokerTap<LimitThresholdReached> tap, int count) => Eventually.GetAsync(
        () => Task.FromResult(tap.Events.Where(said => said.AccountId == _rig.Account).ToArray()), events => events.Length >= count, $"{count} thresholds");

    private async Task<int> RefusalsAsync()
    {
        await using var scope = application.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PolicyDbContext>().Refusals.CountAsync(refusal => refusal.AccountId == _rig.Account);
    }

    private async Task<int> NoticesAsync()
    {
        await using var scope = application.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PolicyDbContext>().LimitNotices.CountAsync(notice => notice.AccountId == _rig.Account);
    }
}
