using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using BotGeneric.Usage.Rollups;
using BotGeneric.Usage.Totals;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Usage.Tests;

/// <summary>The others are told what the ledger has.</summary>
public sealed class TotalsTests(RollupApplication application) : IClassFixture<RollupApplication>
{
    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task Totals_are_exact_before_and_after_folding_and_are_told_of_every_account()
    {
        await application.SqlAsync(
            "INSERT INTO meters (code, event_type, aggregation, value_property, dimensions, created_at) VALUES ('t-sum', 't.v1', 'sum', 'n', '{}', '2000-01-01Z'), ('t-count', 't.v1', 'count', NULL, '{}', '2000-01-01Z'), ('t-max', 't.v1', 'max', 'n', '{}', '2000-01-01Z')");
        // Half past, so that no hour ends meanwhile.
        var now = application.Clock.GetUtcNow();
        application.Clock.Advance(new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 30, 0, TimeSpan.Zero).AddHours(1) - now);
        var (from, to) = TotalsTeller.SpanAt(application.Clock.GetUtcNow());
        var inside = from.AddMinutes(30);
        await application.RecordAsync(
            application.Call(_account, inside, cost: 0.000000000001m), application.Call(_account, inside, cost: 2), application.Call(_account, inside),
            application.Call(_account, to, input: 5_000), application.Call(_account, from.AddTicks(-10), input: 5_000),
            application.Event(_account, "t.v1", """{"n":"1.25"}""", inside), application.Event(_account, "t.v1", """{"n":3}""", to.AddTicks(-10)));
        var idle = Guid.CreateVersion7();
        await application.RecordAsync(application.Call(idle, from.AddDays(-40)));

        await ExpectAsync();
        await application.Services.GetRequiredService<RollupFolder>().FoldAllAsync(CancellationToken.None);
        await ExpectAsync();

        await using var tap = await BrokerTap<UsageTotalled>.OpenAsync();
        Assert.True(await application.Services.GetRequiredService<TotalsTeller>().TellAsync(CancellationToken.None) >= 2);
        var told = await Eventually.GetAsync(
            () => Task.FromResult(tap.Events.SelectMany(one => one.Accounts.Select(total => (one.From, one.To, Total: total))).ToList()),
            all => all.Any(one => one.Total.AccountId == _account) && all.Any(one => one.Total.AccountId == idle), "the totals");
        var mine = told.Single(one => one.Total.AccountId == _account);
        Assert.Equal((from, to, 3m), (mine.From, mine.To, mine.Total.Meters["llm.requests"]));
        Assert.Empty(told.Single(one => one.Total.AccountId == idle).Total.Meters);

        async Task ExpectAsync()
        {
            var total = Assert.Single(await application.Services.GetRequiredService<TotalsReader>().ReadAsync([_account], from, to, CancellationToken.None));
            // Three calls of 100 fresh, 10 cached, 5 written, 20 visible and 3 reasoning tokens.
            Assert.Equal(
                new Dictionary<string, decimal> { ["llm.requests"] = 3, ["llm.input_tokens"] = 345, ["llm.output_tokens"] = 69, ["t-sum"] = 4.25m, ["t-count"] = 2 }, total.Meters);
            Assert.Equal(new Dictionary<string, decimal> { ["USD"] = 2.000000000001m }, total.Costs);
        }
    }

    [Theory]
    [InlineData("2026-03-15T12:34:56Z", "2026-03-01T00:00:00Z", "2026-03-15T12:00:00Z")]
    [InlineData("2026-03-01T00:59:59Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")]
    [InlineData("2026-03-01T01:00:00Z", "2026-03-01T00:00:00Z", "2026-03-01T01:00:00Z")]
    public void The_time_that_is_told_of_is_over(string now, string from, string to) =>
        Assert.Equal((DateTimeOffset.Parse(from, null), DateTimeOffset.Parse(to, null)), TotalsTeller.SpanAt(DateTimeOffset.Parse(now, null)));
}
