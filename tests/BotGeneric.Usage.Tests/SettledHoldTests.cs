using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Testing.Services;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Usage.Tests;

/// <summary>One hold is settled by one event, whatever ids a reporter makes up.</summary>
public sealed class SettledHoldTests(UsageApplication application) : IClassFixture<UsageApplication>
{
    private readonly HttpClient _client = application.CreateOperatorClient();
    private readonly Guid _account = Guid.CreateVersion7();
    private readonly Guid _hold = Guid.CreateVersion7();

    [Fact]
    public async Task A_second_event_of_a_hold_with_another_id_is_not_counted_and_says_why()
    {
        Assert.Equal("stored", Outcome(Assert.Single(await ReportAsync(Event("a")))));

        var again = Assert.Single(await ReportAsync(Event("a")));
        var other = Assert.Single(await ReportAsync(Event("b", output: 12)));

        // To send an event again is right, and there is nothing to say about it.
        Assert.Equal(("duplicate", JsonValueKind.Null), (Outcome(again), again.GetProperty("error").ValueKind));
        Assert.Equal("duplicate", Outcome(other));
        Assert.Contains("one hold, one event", other.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("a", Assert.Single(await RowsAsync()).SourceId);
    }

    [Fact]
    public async Task In_one_batch_a_hold_is_settled_once_and_the_rest_of_the_batch_is_recorded()
    {
        var items = await ReportAsync(Event("a"), Event("b"), Event("a"), Event("c", hold: Guid.CreateVersion7()), Event("d", hold: null, hasHold: false), Event("e", hold: null, hasHold: false));

        Assert.Equal(["stored", "duplicate", "duplicate", "stored", "stored", "stored"], items.Select(Outcome));
        Assert.Equal([false, true, false, false, false, false], items.Select(item => item.GetProperty("error").ValueKind != JsonValueKind.Null));
        Assert.Equal(["a", "c", "d", "e"], (await RowsAsync()).Select(row => row.SourceId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Tries_at_the_same_time_under_an_id_each_are_one_call()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => ReportAsync(Event($"try-{number}"))));

        Assert.Equal(1, answers.Count(items => Outcome(items[0]) == "stored"));
        Assert.Single(await RowsAsync());
    }

    [Fact]
    public async Task Large_batches_are_no_exception()
    {
        var holds = Enumerable.Range(0, 300).Select(_ => Guid.CreateVersion7()).ToArray();

        var items = await ReportAsync([.. holds.Select((hold, number) => Event($"a{number}", hold: hold)), .. holds.Select((hold, number) => Event($"b{number}", hold: hold))]);

        Assert.Equal(300, items.Count(item => Outcome(item) == "stored"));
        Assert.Equal(holds.Order(), (await RowsAsync()).Select(row => row.HoldId!.Value).Order());
    }

    [Fact]
    public async Task Nobody_settles_the_holds_of_another_account()
    {
        await ReportAsync(Event("a", account: Guid.CreateVersion7()));

        Assert.Equal("stored", Outcome(Assert.Single(await ReportAsync(Event("a")))));
    }

    [Fact]
    public async Task A_hold_that_both_of_two_accounts_settled_keeps_them_from_nothing_when_they_become_one()
    {
        var absorbed = Guid.CreateVersion7();
        await ReportAsync(Event("a"), Event("b", account: absorbed), Event("c", account: absorbed, hold: Guid.CreateVersion7()));

        await application.Services.MergeAsync<UsageDbContext>(absorbed, _account);

        Assert.Equal(3, (await RowsAsync()).Count);
        Assert.Equal("duplicate", Outcome(Assert.Single(await ReportAsync(Event("d", account: absorbed)))));
        Assert.Equal(2, await HoldsAsync(_account));
        await application.Services.EraseAsync<UsageDbContext>(_account);
        Assert.Equal(0, await HoldsAsync(_account));
    }

    [Fact]
    public async Task Holds_are_forgotten_with_the_ids_of_their_events()
    {
        await using var usage = new ClockedUsage();
        await usage.InitializeAsync();
        using var client = usage.CreateOperatorClient();
        await ReportAsync(client, Event("a"));
        usage.Clock.Advance(TimeSpan.FromDays(34));
        await ForgetAsync();
        Assert.Equal(["duplicate"], (await ReportAsync(client, Event("b"))).Select(Outcome));
        usage.Clock.Advance(TimeSpan.FromDays(2));

        await ForgetAsync();

        Assert.Equal(["stored"], (await ReportAsync(client, Event("b"))).Select(Outcome));
        await ((IAsyncLifetime)usage).DisposeAsync();

        Task ForgetAsync() => SettledHolds.ForgetAsync(
            usage.Services.GetRequiredService<Npgsql.NpgsqlDataSource>(), usage.Clock.GetUtcNow() - TimeSpan.FromDays(35), CancellationToken.None);
    }

    private static string? Outcome(JsonElement item) => item.GetProperty("outcome").GetString();

    private object Event(string id, int output = 10, Guid? hold = null, Guid? account = null, bool hasHold = true) => new
    {
        specversion = "1.0",
        type = "llm.call.v1",
        source = "tests",
        id,
        subject = account ?? _account,
        data = new { feature = "chat", outputTokens = output, holdId = hasHold ? hold ?? _hold : (Guid?)null },
    };

    private Task<List<JsonElement>> ReportAsync(params object[] events) => ReportAsync(_client, events);

    private static async Task<List<JsonElement>> ReportAsync(HttpClient client, params object[] events)
    {
        using var response = await client.PostAsJsonAsync("/api/usage/events", events);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return [.. (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items").EnumerateArray()];
    }

    private async Task<List<LedgerEntry>> RowsAsync()
    {
        await using var scope = application.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UsageDbContext>().Ledger.AsNoTracking().Where(row => row.AccountId == _account).ToListAsync();
    }

    private async Task<int> HoldsAsync(Guid account)
    {
        await using var scope = application.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UsageDbContext>().SettledHolds.CountAsync(hold => hold.AccountId == account);
    }
}
