using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Usage.Invariants;
using BotGeneric.Usage.Rollups;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Usage.Tests;

/// <summary>Entries go after their time; what they add up to stays.</summary>
public sealed class RetentionTests(RollupApplication application) : IClassFixture<RollupApplication>
{
    private readonly HttpClient _client = application.CreateOperatorClient();
    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task A_month_that_is_kept_no_longer_is_dropped_once_it_is_rolled_up_and_every_sum_stays()
    {
        var retention = application.Services.GetRequiredService<LedgerRetention>();
        var folder = application.Services.GetRequiredService<RollupFolder>();
        await application.SqlAsync(
            "INSERT INTO meters (code, event_type, aggregation, value_property, dimensions, created_at) VALUES ('most', 'file.v1', 'max', 'n', '{}', '2000-01-01Z'), ('names', 'file.v1', 'unique', 'n', '{}', '2000-01-01Z')");
        var time = Periods(application.Clock.GetUtcNow());
        await application.RecordAsync(
            application.Call(_account, time, cost: 0.123456789012m), application.Call(_account, time), application.Event(_account, "file.v1", """{"n":7}""", time));
        var from = time.AddDays(-1);
        var before = await AskAsync(from);

        application.Clock.Advance(TimeSpan.FromDays(24 * 30));
        Assert.Empty(await retention.DropAsync(CancellationToken.None));
        application.Clock.Advance(TimeSpan.FromDays(120));
        await retention.DropAsync(CancellationToken.None);
        Assert.Equal(3L, await application.SqlAsync("SELECT count(*) FROM ledger"));
        await folder.FoldAllAsync(CancellationToken.None);
        Assert.NotEmpty(await retention.DropAsync(CancellationToken.None));
        Assert.Empty(await retention.DropAsync(CancellationToken.None));

        Assert.Equal(0L, await application.SqlAsync("SELECT count(*) FROM ledger"));
        Assert.Equal(before, await AskAsync(from));
        await application.Services.GetRequiredService<RollupRebuild>().RunAllAsync(CancellationToken.None);
        Assert.Equal(before, await AskAsync(from));
        Assert.Empty(await Invariants.FindAsync(_account, CancellationToken.None));
    }

    [Fact]
    public async Task What_a_later_month_corrects_stays_with_what_it_corrects_when_the_months_go_one_after_the_other()
    {
        var (retention, folder) = (application.Services.GetRequiredService<LedgerRetention>(), application.Services.GetRequiredService<RollupFolder>());
        await application.SqlAsync(
            "INSERT INTO meters (code, event_type, aggregation, value_property, dimensions, created_at) VALUES ('amount', 'sale.v1', 'sum', 'n', '{}', '2000-01-01Z'), ('sales', 'sale.v1', 'count', NULL, '{}', '2000-01-01Z')");
        var entry = application.Event(_account, "sale.v1", """{"n":7}""", Periods(application.Clock.GetUtcNow()));
        await application.SqlAsync($"SELECT ledger_add_partition('{entry.RecordedAt:yyyy-MM-dd}')");
        await application.RecordAsync(entry);
        await folder.FoldAllAsync(CancellationToken.None);
        application.Clock.Advance(TimeSpan.FromDays(32));
        var later = application.Clock.GetUtcNow();
        await application.SqlAsync($"SELECT ledger_add_partition('{later:yyyy-MM-dd}')");
        foreach (var differences in new[] { """{"amount":"5","sales":"-1"}""", """{"amount":"-5"}""", """{"amount":"-3"}""" })
        {
            await application.RecordAsync(entry with
            {
                Id = Guid.CreateVersion7(),
                SourceId = Guid.NewGuid().ToString(),
                RecordedAt = later,
                CorrectsEntryId = entry.Id,
                Reason = "It was wrong.",
                MeterDifferences = differences,
            });
        }

        await folder.FoldAllAsync(CancellationToken.None);
        await ExpectAsync();
        AdvanceBeyond(entry.RecordedAt);
        Assert.DoesNotContain($"ledger_{later:yyyy_MM}", await retention.DropAsync(CancellationToken.None));
        Assert.Equal(3L, await application.SqlAsync($"SELECT count(*) FROM ledger WHERE account_id = '{_account}'"));
        await ExpectAsync();
        AdvanceBeyond(later);
        await retention.DropAsync(CancellationToken.None);
        Assert.Equal(0L, await application.SqlAsync($"SELECT count(*) FROM ledger WHERE account_id = '{_account}'"));
        await ExpectAsync();

        // To where a month that was written to then is kept no longer.
        void AdvanceBeyond(DateTimeOffset recorded) => application.Clock.Advance(
            new DateTimeOffset(recorded.Year, recorded.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(26).AddDays(1) - application.Clock.GetUtcNow());

        async Task ExpectAsync()
        {
            Assert.Equal(4m, await application.SqlAsync($"SELECT sum(total) FROM meter_rollups WHERE account_id = '{_account}' AND meter = 'amount'"));
            Assert.Equal(0m, await application.SqlAsync($"SELECT sum(events) FROM meter_rollups WHERE account_id = '{_account}' AND meter = 'sales'"));
            Assert.Empty(await Invariants.FindAsync(_account, CancellationToken.None));
        }
    }

    private InvariantCheck Invariants => application.Services.GetRequiredService<InvariantCheck>();

    private static DateTimeOffset Periods(DateTimeOffset time) => Queries.Periods.Floor(time).AddDays(-2);

    private async Task<string> AskAsync(DateTimeOffset from)
    {
        var answers = new List<JsonElement>
        {
            await _client.GetFromJsonAsync<JsonElement>($"/api/usage/summary?account={_account}&from={from.UtcDateTime:O}&to={from.AddDays(2).UtcDateTime:O}"),
        };
        foreach (var meter in new[] { "most", "names" })
        {
            using var response = await _client.PostAsJsonAsync("/api/usage/query", new { account = _account, meter, from, to = from.AddDays(2) });
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
            answers.Add(await response.Content.ReadFromJsonAsync<JsonElement>());
        }

        return JsonSerializer.Serialize(answers);
    }
}
