using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Invariants;
using BotGeneric.Usage.Rollups;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Usage.Tests;

/// <summary>What meters measured wrongly is put right, and every answer about it at once.</summary>
public sealed class MeterCorrectionTests(RollupApplication application) : IClassFixture<RollupApplication>
{
    private static readonly string[] Aggregations = ["sum", "count", "unique", "max", "latest"];

    private readonly HttpClient _client = application.CreateOperatorClient();
    private readonly string _run = Guid.CreateVersion7().ToString("N");
    private readonly Guid _account = Guid.CreateVersion7();
    private readonly DateTimeOffset _start = Queries.Periods.Floor(application.Clock.GetUtcNow()).AddDays(-3);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_meter_is_what_is_left_of_its_events_however_corrections_and_folding_follow_each_other(int seed)
    {
        await CreateMetersAsync();
        var random = new Random(seed);
        var folder = application.Services.GetRequiredService<RollupFolder>();
        var model = new List<Measured>();
        for (var step = 0; step < 60; step++)
        {
            switch (random.Next(4))
            {
                case 0 or 1 when model.Count < 25:
                    model.Add(await RecordAsync(random, step));
                    break;
                case 2:
                    await folder.FoldAsync(random.Next(1, 4), CancellationToken.None);
                    break;
                default:
                    await CorrectAsync(random, model);
                    break;
            }

            if (step % 10 == 9)
            {
                Assert.Equal(Expected(model), await AnswersAsync(_account));
            }
        }

        await folder.FoldAllAsync(CancellationToken.None);
        Assert.Equal(Expected(model), await AnswersAsync(_account));
        Assert.Empty(await application.Services.GetRequiredService<InvariantCheck>().FindAsync(_account, CancellationToken.None));
        await application.Services.GetRequiredService<RollupRebuild>().RunAsync(_account, CancellationToken.None);
        Assert.Equal(Expected(model), await AnswersAsync(_account));
        Assert.Equal(Sum(model), await TotalAsync());

        var kept = Guid.CreateVersion7();
        await application.Services.MergeAsync<UsageDbContext>(_account, kept);
        Assert.Equal(Expected(model), await AnswersAsync(kept));
        Assert.Empty(await application.Services.GetRequiredService<InvariantCheck>().FindAsync(kept, CancellationToken.None));
    }

    [Fact]
    public async Task The_others_are_told_the_differences()
    {
        await CreateMetersAsync();
        await using var tap = await BrokerTap<UsageRecorded>.OpenAsync();
        var entry = application.Event(_account, Type, """{"n":"10.5","who":"a","kind":"x"}""", _start);
        await application.RecordAsync(entry);

        using var corrected = await CorrectAsync(entry.Id, new JsonObject { [Code("sum")] = "-0.000000000001", [Code("count")] = null, [Code("max")] = null });

        Assert.Equal(HttpStatusCode.Created, corrected.StatusCode);
        var answer = await corrected.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(["-1", null, "-0.000000000001"], answer.GetProperty("meters").EnumerateObject().Select(meter => meter.Value.GetString()));
        var told = (await Eventually.GetAsync(
            () => Task.FromResult(tap.Events.SelectMany(recorded => recorded.Entries).Where(one => one.AccountId == _account).ToList()), entries => entries.Count > 0, "the correction")).Single();
        Assert.Equal((entry.Id, 0L, entry.Time.UtcDateTime), (told.CorrectsEntryId!.Value, told.Requests, told.Time.UtcDateTime));
        Assert.Equal(new Dictionary<string, decimal> { [Code("sum")] = -0.000000000001m, [Code("count")] = -1 }, told.CustomMeters!);
        var listed = (await _client.GetFromJsonAsync<JsonElement>($"/api/usage/history?account={_account}")).GetProperty("items").EnumerateArray().Single(item => item.GetProperty("reason").GetString() is not null);
        Assert.Equal("-1", listed.GetProperty("meterDifferences").GetProperty(Code("count")).GetString());
    }

    [Fact]
    public async Task What_a_meter_cannot_have_is_refused_and_said()
    {
        await CreateMetersAsync();
        var entry = application.Event(_account, Type, """{"n":2,"who":"a","kind":"x"}""", _start);
        var call = application.Call(_account, _start);
        await application.RecordAsync(entry, call);

        await RefusedAsync(entry.Id, Code("sum"), "-2.5", "less than 0");
        await RefusedAsync(entry.Id, Code("sum"), "4000000000000000", "more than");
        await RefusedAsync(entry.Id, Code("count"), "1", "counts 1");
        await RefusedAsync(entry.Id, Code("count"), "-0.5", "counts 1");
        await RefusedAsync(entry.Id, Code("max"), "-1", "Send null");
        await RefusedAsync(entry.Id, "unheard-of", "-1", "did not measure");
        await RefusedAsync(call.Id, Code("sum"), "-1", "llm.call.v1");
        using var taken = await CorrectAsync(entry.Id, new JsonObject { [Code("max")] = null, [Code("sum")] = null });
        Assert.Equal(HttpStatusCode.Created, taken.StatusCode);
        await RefusedAsync(entry.Id, Code("max"), null, "already");
        await RefusedAsync(entry.Id, Code("sum"), null, "nothing");
        using var both = await _client.PostAsJsonAsync(
            "/api/admin/usage/corrections", new { entryId = entry.Id, reason = "x", inputTokens = 1, meters = new Dictionary<string, string> { [Code("count")] = "-1" } });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, both.StatusCode);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0.0")]
    [InlineData("+1")]
    [InlineData("1e3")]
    [InlineData("1.0000000000001")]
    [InlineData("4000000000000001")]
    [InlineData("one")]
    public async Task A_difference_that_is_no_exact_number_is_refused(string difference)
    {
        using var response = await CorrectAsync(Guid.CreateVersion7(), new JsonObject { ["any"] = difference });

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private string Type => $"file.{_run}";

    private string Code(string aggregation) => $"m-{aggregation}-{_run}";

    private async Task CreateMetersAsync()
    {
        foreach (var aggregation in Aggregations)
        {
            var property = aggregation switch { "count" => "NULL", "unique" => "'who'", _ => "'n'" };
            await application.SqlAsync(
                $"INSERT INTO meters (code, event_type, aggregation, value_property, dimensions, created_at) VALUES ('{Code(aggregation)}', '{Type}', '{aggregation}', {property}, '{{kind}}', '2000-01-01Z')");
        }
    }

    private async Task<Measured> RecordAsync(Random random, int step)
    {
        var measured = new Measured(
            _start.AddMinutes(random.Next(40)).AddTicks(step * TimeSpan.TicksPerMillisecond), random.Next(3) == 0 ? "x" : "y", $"w{random.Next(4)}", random.Next(1, 5000) / 8m);
        var entry = application.Event(
            _account, Type, $$"""{"n":"{{measured.Left.ToString(CultureInfo.InvariantCulture)}}","who":"{{measured.Who}}","kind":"{{measured.Kind}}"}""", measured.Time);
        await application.RecordAsync(entry);
        measured.Id = entry.Id;
        return measured;
    }

    private async Task CorrectAsync(Random random, List<Measured> model)
    {
        if (model.Count == 0)
        {
            return;
        }

        var one = model[random.Next(model.Count)];
        var meters = new JsonObject();
        if (one.Left > 0 && random.Next(2) == 0)
        {
            var difference = random.Next(4) switch { 0 => -one.Left, 1 => random.Next(100) + 1m, _ => -one.Left / 2 };
            meters[Code("sum")] = difference == -one.Left ? null : difference.ToString(CultureInfo.InvariantCulture);
            one.Left += difference;
        }

        if (random.Next(3) == 0)
        {
            meters[Code("count")] = one.IsCounted ? "-1" : "1";
            one.IsCounted = !one.IsCounted;
        }

        foreach (var aggregation in Aggregations[2..])
        {
            if (random.Next(5) == 0 && one.TakenFrom.Add(aggregation))
            {
                meters[Code(aggregation)] = null;
            }
        }

        if (meters.Count > 0)
        {
            using var response = await CorrectAsync(one.Id, meters);
            Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        }
    }

    private Task<HttpResponseMessage> CorrectAsync(Guid entry, JsonObject meters) =>
        _client.PostAsJsonAsync("/api/admin/usage/corrections", new JsonObject { ["entryId"] = entry, ["reason"] = "It was wrong.", ["meters"] = meters });

    private async Task RefusedAsync(Guid entry, string code, string? difference, string reason)
    {
        using var response = await CorrectAsync(entry, new JsonObject { [code] = difference });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains(reason, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static decimal Sum(List<Measured> model) => model.Sum(one => one.Left);

    // What each meter is, worked out from the events one by one.
    private static List<string> Expected(List<Measured> model) =>
    [
        .. from aggregation in Aggregations
           from cell in model.Where(one => !one.TakenFrom.Contains(aggregation)).GroupBy(one => (Period: Queries.Periods.Floor(one.Time), one.Kind))
           orderby aggregation, cell.Key.Period, cell.Key.Kind
           select $"{aggregation} {cell.Key.Period:O} {cell.Key.Kind} {Value(aggregation, [.. cell]).ToString("0.############", CultureInfo.InvariantCulture)}",
    ];

    private static decimal Value(string aggregation, List<Measured> cell) => aggregation switch
    {
        "sum" => cell.Sum(one => one.Left),
        "count" => cell.Count(one => one.IsCounted),
        "unique" => cell.Select(one => one.Who).Distinct().Count(),
        "max" => cell.Max(one => one.Value),
        _ => cell.MaxBy(one => one.Time)!.Value,
    };

    private async Task<List<string>> AnswersAsync(Guid account)
    {
        var lines = new List<(string Aggregation, DateTimeOffset From, string Kind, string Value)>();
        foreach (var aggregation in Aggregations)
        {
            using var response = await _client.PostAsJsonAsync(
                "/api/usage/query", new { account, meter = Code(aggregation), from = _start, to = _start.AddHours(1), granularity = "PT15M", groupBy = new[] { "kind" } });
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
            lines.AddRange((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").EnumerateArray().Select(cell => (
                aggregation, cell.GetProperty("from").GetDateTimeOffset(), cell.GetProperty("group").GetProperty("kind").GetString()!,
                cell.GetProperty("values").GetProperty(Code(aggregation)).GetString()!)));
        }

        return [.. lines.OrderBy(line => line.Aggregation).ThenBy(line => line.From).ThenBy(line => line.Kind).Select(line => $"{line.Aggregation} {line.From:O} {line.Kind} {line.Value}")];
    }

    private async Task<decimal> TotalAsync()
    {
        var totals = await _client.GetFromJsonAsync<JsonElement>($"/api/admin/usage/totals?account={_account}&from={_start.UtcDateTime:O}&to={_start.AddHours(1).UtcDateTime:O}");
        return totals.GetProperty("items")[0].GetProperty("users").EnumerateArray()
            .Sum(user => decimal.Parse(user.GetProperty("meters").GetProperty(Code("sum")).GetString()!, CultureInfo.InvariantCulture));
    }

    private sealed record Measured(DateTimeOffset Time, string Kind, string Who, decimal Value)
    {
        public Guid Id { get; set; }

        public decimal Left { get; set; } = Value;

        public bool IsCounted { get; set; } = true;

        public HashSet<string> TakenFrom { get; } = [];
    }
}
