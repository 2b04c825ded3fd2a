using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Invariants;
using BotGeneric.Usage.Rollups;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace BotGeneric.Usage.Tests;

/// <summary>Rollups may change what an answer costs, never the answer.</summary>
public sealed class RollupTests(RollupApplication application) : IClassFixture<RollupApplication>
{
    private static readonly DateTimeOffset Start = new(2026, 3, 28, 0, 0, 0, TimeSpan.Zero);

    private readonly HttpClient _client = application.CreateOperatorClient();
    private readonly Guid _account = Guid.CreateVersion7();

    private RollupFolder Folder => application.Services.GetRequiredService<RollupFolder>();

    private RollupRebuild Rebuild => application.Services.GetRequiredService<RollupRebuild>();

    private InvariantCheck Invariants => application.Services.GetRequiredService<InvariantCheck>();

    [Fact]
    public async Task The_answer_is_the_same_before_folding_half_way_through_after_it_and_rebuilt()
    {
        var random = new Random(1);
        var users = Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToArray();
        for (var batch = 0; batch < 6; batch++)
        {
            await application.RecordAsync([.. Enumerable.Range(0, 50).Select(number => application.Call(
                _account, Start.AddMinutes(random.Next(4_000)), number % 3 == 0 ? "chat" : "images", $"m{random.Next(3)}", number % 4 == 0 ? null : random.Next(1, 99) / 7_000_000m,
                users[random.Next(3)], random.Next(1000)))]);
        }

        var before = await AskAsync();
        Assert.Equal(2, await Folder.FoldAsync(2, CancellationToken.None));
        var halfWay = await AskAsync();
        await Folder.FoldAllAsync(CancellationToken.None);
        var after = await AskAsync();
        await Rebuild.RunAsync(_account, CancellationToken.None);
        var rebuilt = await AskAsync();
        await Rebuild.RunAllAsync(CancellationToken.None);

        Assert.Equal(300, before.GetProperty("summary").GetProperty("totals").GetProperty("requests").GetInt64());
        Assert.Equal(before.ToString(), halfWay.ToString());
        Assert.Equal(before.ToString(), after.ToString());
        Assert.Equal(before.ToString(), rebuilt.ToString());
        Assert.Equal(before.ToString(), (await AskAsync()).ToString());
        Assert.Empty(await Invariants.FindAsync(_account, CancellationToken.None));
    }

    [Fact]
    public async Task Batches_that_are_folded_at_the_same_time_by_several_are_counted_once()
    {
        for (var batch = 0; batch < 20; batch++)
        {
            await application.RecordAsync([.. Enumerable.Range(0, 20).Select(number => application.Call(_account, Start.AddMinutes(number)))]);
        }

        await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            while (await Folder.FoldAsync(3, CancellationToken.None) > 0)
            {
            }
        }));

        Assert.Equal(400, await RequestsAsync());
        Assert.Equal(0L, await application.SqlAsync("SELECT count(*) FROM ledger_batches WHERE rolled_up_at IS NULL"));
        Assert.Empty(await Invariants.FindAsync(_account, CancellationToken.None));
    }

    [Fact]
    public async Task A_folder_that_dies_in_the_middle_has_changed_nothing()
    {
        await application.RecordAsync(application.Call(_account, Start));
        await using var holder = new NpgsqlConnection(application.Database.ConnectionString);
        await holder.OpenAsync();
        await using (var transaction = await holder.BeginTransactionAsync())
        {
            await using (var locking = new NpgsqlCommand("LOCK TABLE meter_uniques IN EXCLUSIVE MODE", holder, transaction))
            {
                await locking.ExecuteNonQueryAsync();
            }

            // It has added up the calls by then, and waits to add the meters.
            var folding = Folder.FoldAsync(100, CancellationToken.None);
            await Eventually.GetAsync(
                async () => (bool)(await application.SqlAsync(
                    "SELECT coalesce(bool_or(pg_terminate_backend(pid)), false) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%meter_uniques%' AND pid <> pg_backend_pid()"))!,
                killed => killed, "the folder to be killed");
            await Assert.ThrowsAnyAsync<Exception>(() => folding);
        }

        Assert.Equal(1, await RequestsAsync());
        await Folder.FoldAllAsync(CancellationToken.None);
        Assert.Equal(1, await RequestsAsync());
        Assert.Empty(await Invariants.FindAsync(_account, CancellationToken.None));
    }

    [Fact]
    public async Task Every_aggregation_of_a_meter_is_exact_before_and_after_folding()
    {
        foreach (var (aggregation, property) in new[] { ("sum", "size.bytes"), ("count", null), ("unique", "name"), ("max", "size.bytes"), ("latest", "size.bytes") })
        {
            await application.SqlAsync(
                $"INSERT INTO meters (code, event_type, aggregation, value_property, dimensions, created_at) VALUES ('m-{aggregation}', 'file.v1', '{aggregation}', {(property is null ? "NULL" : $"'{property}'")}, '{{kind}}', '2000-01-01Z') ON CONFLICT DO NOTHING");
        }

        await application.RecordAsync(
            application.Event(_account, "file.v1", """{"size":{"bytes":1.5},"name":"a","kind":"x"}""", Start),
            application.Event(_account, "file.v1", """{"size":{"bytes":"2.000000000001"},"name":"a","kind":"y"}""", Start.AddMinutes(40)));
        await application.RecordAsync(application.Event(_account, "file.v1", """{"size":{"bytes":1},"name":"b","kind":"x"}""", Start.AddMinutes(20)));

        await ExpectAsync();
        await Folder.FoldAllAsync(CancellationToken.None);
        await ExpectAsync();
        await Rebuild.RunAllAsync(CancellationToken.None);
        await ExpectAsync();
        var byKind = await QueryAsync(new { from = Start, to = Start.AddDays(1), account = _account, meter = "m-sum", groupBy = new[] { "kind" } });
        Assert.Empty(await Invariants.FindAsync(_account, CancellationToken.None));
        Assert.Equal(["x=2.5", "y=2.000000000001"], byKind.Select(cell => $"{cell.GetProperty("group").GetProperty("kind")}={cell.GetProperty("values").GetProperty("m-sum")}"));

        async Task ExpectAsync()
        {
            foreach (var (aggregation, value) in new[] { ("sum", "4.500000000001"), ("count", "3"), ("unique", "2"), ("max", "2.000000000001"), ("latest", "2.000000000001") })
            {
                var cell = Assert.Single(await QueryAsync(new { from = Start, to = Start.AddDays(1), account = _account, meter = $"m-{aggregation}" }));
                Assert.Equal(value, cell.GetProperty("values").GetProperty($"m-{aggregation}").GetString());
            }
        }
    }

    [Fact]
    public async Task Rollups_follow_two_accounts_that_become_one_and_a_person_who_leaves()
    {
        var (kept, organization) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await application.RecordAsync(
            application.Call(_account, Start, user: _account), application.Call(kept, Start, user: kept), application.Call(organization, Start, user: _account),
            application.Call(organization, Start, user: kept));
        await Folder.FoldAllAsync(CancellationToken.None);

        await application.Services.MergeAsync<UsageDbContext>(_account, kept);
        await application.Services.MergeAsync<UsageDbContext>(_account, kept);

        Assert.Equal((0, 2, 2), (await RequestsAsync(), await RequestsAsync(kept), await RequestsAsync(organization)));
        foreach (var account in new[] { _account, kept, organization })
        {
            Assert.Empty(await Invariants.FindAsync(account, CancellationToken.None));
        }

        await application.Services.EraseAsync<UsageDbContext>(kept);

        Assert.Equal((0, 2), (await RequestsAsync(kept), await RequestsAsync(organization)));
        Assert.Equal(0L, await application.SqlAsync($"SELECT count(*) FROM usage_rollups WHERE '{kept}' IN (account_id, user_id)"));
        Assert.Empty(await Invariants.FindAsync(organization, CancellationToken.None));
    }

    [Fact]
    public async Task What_does_not_hold_is_found_and_shown()
    {
        await application.RecordAsync(application.Call(_account, Start));
        await Folder.FoldAllAsync(CancellationToken.None);
        await application.SqlAsync($"UPDATE usage_rollups SET requests = requests - 2 WHERE account_id = '{_account}'");

        Assert.Equal(["difference", "negative"], (await Invariants.FindAsync(_account, CancellationToken.None)).Select(violation => violation.Kind));
        while ((await Invariants.RunAsync(CancellationToken.None))!.Violations.All(violation => violation.AccountId != _account))
        {
        }

        var report = await _client.GetFromJsonAsync<JsonElement>("/api/admin/usage/invariants");
        Assert.Contains(report.GetProperty("runs").EnumerateArray().SelectMany(run => run.GetProperty("violations").EnumerateArray()), violation => violation.GetProperty("accountId").GetGuid() == _account);
        using var rebuilt = await _client.PostAsJsonAsync("/api/admin/usage/rollups/rebuild", new { accountId = _account });
        rebuilt.EnsureSuccessStatusCode();
        Assert.Empty(await Invariants.FindAsync(_account, CancellationToken.None));
    }

    [Theory]
    [InlineData("UPDATE meter_rollups SET total = total + 1 WHERE account_id = '{0}' AND meter = 'g-sum'", "g-sum", "difference")]
    [InlineData("UPDATE meter_rollups SET highest = 7 WHERE account_id = '{0}' AND meter = 'g-max'", "g-max", "difference")]
    [InlineData("DELETE FROM meter_rollups WHERE account_id = '{0}' AND meter = 'g-sum'", "g-sum", "difference")]
    [InlineData("INSERT INTO meter_uniques SELECT account_id, meter, bucket, is_archived, dimensions, 'nobody' FROM meter_uniques WHERE account_id = '{0}' LIMIT 1", "g-unique", "difference")]
    [InlineData("DELETE FROM meter_uniques WHERE account_id = '{0}'", "g-unique", "difference")]
    [InlineData("UPDATE meter_rollups SET events = -1 WHERE account_id = '{0}' AND meter = 'g-sum'", "g-sum", "negative")]
    public async Task A_meter_whose_rollups_do_not_hold_is_found_and_rebuilt(string damage, string meter, string kind)
    {
        await application.SqlAsync(
            "INSERT INTO meters (code, event_type, aggregation, value_property, dimensions, created_at) VALUES ('g-sum', 'g.v1', 'sum', 'n', '{}', '2000-01-01Z'), ('g-max', 'g.v1', 'max', 'n', '{}', '2000-01-01Z'), ('g-unique', 'g.v1', 'unique', 'n', '{}', '2000-01-01Z') ON CONFLICT DO NOTHING");
        await application.RecordAsync(application.Event(_account, "g.v1", """{"n":3}""", Start), application.Event(_account, "g.v1", """{"n":5}""", Start));
        await Folder.FoldAllAsync(CancellationToken.None);
        Assert.Empty(await Invariants.FindAsync(_account, CancellationToken.None));

        await application.SqlAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, damage, _account));

        Assert.Contains(await Invariants.FindAsync(_account, CancellationToken.None), violation => (violation.Meter, violation.Kind) == (meter, kind));
        await Rebuild.RunAsync(_account, CancellationToken.None);
        Assert.Empty(await Invariants.FindAsync(_account, CancellationToken.None));
    }

    [Fact]
    public async Task A_rebuild_of_everything_is_asked_for_once_goes_on_where_it_ended_and_says_how_far_it_is()
    {
        var accounts = Enumerable.Range(0, 5).Select(_ => Guid.CreateVersion7()).ToArray();
        await application.RecordAsync([.. accounts.Select(account => application.Call(account, Start))]);
        await Folder.FoldAllAsync(CancellationToken.None);
        await application.SqlAsync($"UPDATE usage_rollups SET requests = 9 WHERE account_id IN ('{string.Join("', '", accounts)}')");

        using var first = await _client.PostAsJsonAsync("/api/admin/usage/rollups/rebuild", new { });
        using var second = await _client.PostAsJsonAsync("/api/admin/usage/rollups/rebuild", new { });

        Assert.Equal((System.Net.HttpStatusCode.Accepted, System.Net.HttpStatusCode.Accepted), (first.StatusCode, second.StatusCode));
        var id = (await first.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64();
        Assert.Equal(id, (await second.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64());
        Assert.Equal(9, await RequestsAsync(accounts[0]));
        // Whoever takes a step and dies has taken none; another one goes on.
        Assert.True(await Rebuild.StepAsync(CancellationToken.None));
        await Rebuild.FailedAsync("PostgreSQL 57P01", CancellationToken.None);
        Assert.Equal((1L, "PostgreSQL 57P01"), await StateAsync());
        await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
        {
            while ((await Rebuild.FindAsync(id, CancellationToken.None))!.FinishedAt is null)
            {
                await Rebuild.StepAsync(CancellationToken.None);
            }
        }));

        Assert.Equal(Enumerable.Repeat(1L, 5), await Task.WhenAll(accounts.Select(account => RequestsAsync(account))));
        var done = (await Rebuild.FindAsync(id, CancellationToken.None))!;
        Assert.Null(done.Failure);
        Assert.Equal(await application.SqlAsync("SELECT count(DISTINCT account_id) FROM ledger"), done.Accounts);
        Assert.False(await Rebuild.StepAsync(CancellationToken.None));

        async Task<(long Accounts, string? Failure)> StateAsync()
        {
            var latest = (await _client.GetFromJsonAsync<JsonElement>("/api/admin/usage/rollups/rebuilds")).GetProperty("items")[0];
            return (latest.GetProperty("accounts").GetInt64(), latest.GetProperty("failure").GetString());
        }
    }

    private async Task<JsonElement> AskAsync()
    {
        var summary = await _client.GetFromJsonAsync<JsonElement>($"/api/usage/summary?account={_account}&from={Start:yyyy-MM-dd}T00:00:00Z&to=2026-04-02T00:00:00Z");
        var query = await QueryAsync(new
        {
            account = _account,
            from = Start,
            to = Start.AddDays(5),
            granularity = "P1D",
            timeZone = "Asia/Kathmandu",
            groupBy = new[] { "feature", "user", "model" },
        });
        var totals = await _client.GetFromJsonAsync<JsonElement>($"/api/admin/usage/totals?account={_account}&from=2026-03-28T00:00:00Z&to=2026-04-02T00:00:00Z");
        return JsonSerializer.SerializeToElement(new { summary, query, totals });
    }

    private async Task<List<JsonElement>> QueryAsync(object query)
    {
        using var response = await _client.PostAsJsonAsync("/api/usage/query", query);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return [.. (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").EnumerateArray()];
    }

    private async Task<long> RequestsAsync(Guid? account = null) =>
        (await _client.GetFromJsonAsync<JsonElement>($"/api/usage/summary?account={account ?? _account}&from=2026-03-28T00:00:00Z&to=2026-04-02T00:00:00Z"))
            .GetProperty("totals").GetProperty("requests").GetInt64();
}
