using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Meters;

namespace BotGeneric.Usage.Tests;

public sealed class MeterTests(UsageApplication application) : IClassFixture<UsageApplication>
{
    private readonly HttpClient _client = application.CreateOperatorClient();
    private readonly Guid _account = Guid.CreateVersion7();
    private readonly string _type = $"images.{Guid.CreateVersion7():N}";

    [Fact]
    public async Task An_event_that_no_meter_measures_is_refused_and_taken_once_one_does()
    {
        Assert.Equal("invalid", await OutcomeAsync(new { pixels = 5 }));

        await CreateAsync("sum", "pixels");

        Assert.Equal("stored", await OutcomeAsync(new { pixels = 5, anything = new object?[] { 1, "x", null } }));
    }

    [Fact]
    public async Task The_others_are_told_what_counts_and_sums_exactly()
    {
        await using var tap = await BrokerTap<UsageRecorded>.OpenAsync();
        var sum = await CreateAsync("sum", "size.pixels");
        var count = await CreateAsync("count", null);
        await CreateAsync("max", "size.pixels");
        await CreateAsync("unique", "who");

        Assert.Equal("stored", await OutcomeAsync(new { size = new { pixels = "1234567890123456.000000000001" }, who = "a", feature = "draw" }));

        var heard = (await Eventually.GetAsync(
            () => Task.FromResult(tap.Events.SelectMany(recorded => recorded.Entries).Where(entry => entry.AccountId == _account).ToList()),
            entries => entries.Count > 0,
            "UsageRecorded")).Single();
        Assert.Equal(0, heard.Requests);
        Assert.Equal("draw", heard.Feature);
        Assert.Equal(2, heard.CustomMeters!.Count);
        Assert.Equal(1234567890123456.000000000001m, heard.CustomMeters[sum]);
        Assert.Equal(1, heard.CustomMeters[count]);
    }

    [Theory]
    [InlineData("-1", "must not be negative")]
    [InlineData("1.0000000000001", "12 digits after the point")]
    [InlineData("1e-13", "12 digits after the point")]
    [InlineData("100000000000000000000000000", "too large")]
    [InlineData("1e400", "too large")]
    [InlineData("12345678901234567890.123456789012", "too large")]
    [InlineData("4000000000000001", "too large: at most 4000000000000000.")]
    [InlineData("4000000000000000.000000000001", "too large")]
    [InlineData("4.1e15", "too large")]
    [InlineData("\"4000000000000001\"", "too large")]
    [InlineData("1.0000000000000000000000000000000", "12 digits after the point")]
    [InlineData("0e-40", "12 digits after the point")]
    [InlineData("\"1.0000000000001\"", "12 digits after the point")]
    [InlineData("\"-1\"", "must not be negative")]
    [InlineData("\"1e3\"", "must be a number")]
    [InlineData("\"1.\"", "must be a number")]
    [InlineData("\".5\"", "must be a number")]
    [InlineData("\"1\\n\"", "must be a number")]
    [InlineData("\"\"", "must be a number")]
    [InlineData("\"000000000000000000000000001\"", "must be a number")]
    [InlineData("\"1.0000000000000000000000000000000\"", "must be a number")]
    [InlineData("\"many\"", "must be a number")]
    [InlineData("\"NaN\"", "must be a number")]
    [InlineData("\" 1\"", "must be a number")]
    [InlineData("true", "must be a number")]
    [InlineData("null", "must be a number")]
    public void A_value_that_could_not_be_kept_exactly_is_refused(string json, string reason)
    {
        using var document = JsonDocument.Parse(json);

        Assert.Contains(reason, MeterValue.Read(document.RootElement, out _), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("0.000000000001", "0.000000000001")]
    [InlineData("\"1.50\"", "1.5")]
    [InlineData("1e3", "1000")]
    [InlineData("4000000000000000", "4000000000000000")]
    [InlineData("\"4000000000000000.00\"", "4000000000000000")]
    [InlineData("4e15", "4000000000000000")]
    [InlineData("\"00000000000000000000000001\"", "1")]
    [InlineData("\"1.500000000000000000000000000000\"", "1.5")]
    [InlineData("3999999999999999.999999999999", "3999999999999999.999999999999")]
    [InlineData("1234567890123456.123456789012", "1234567890123456.123456789012")]
    public void A_value_is_exact(string json, string value)
    {
        using var document = JsonDocument.Parse(json);

        Assert.Null(MeterValue.Read(document.RootElement, out var number));
        Assert.Equal(decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture), number);
    }

    [Theory]
    [InlineData("""{ "pixels": 1, "note": "\u0000" }""")]
    [InlineData("""{ "pixels": 1, "note": "\ud800" }""")]
    [InlineData("""{ "pixels": 1, "\u0000": 1 }""")]
    [InlineData("""{ "pixels": 1, "deep": [[{ "far": 1e999 }]] }""")]
    [InlineData("""{ "pixels": 1, "near": 1e-20000 }""")]
    [InlineData("""{ "pixels": 1, "far": 0e99999999999 }""")]
    [InlineData("""{ "other": 1 }""")]
    [InlineData("""{ "pixels": { "x": 1 } }""")]
    public void Data_that_cannot_be_kept_or_measured_is_refused(string json)
    {
        var meter = new Meter
        {
            Code = "pixels",
            EventType = "images",
            Aggregation = MeterAggregation.Sum,
            ValueProperty = "pixels",
            Dimensions = [],
            CreatedAt = TimeProvider.System.GetUtcNow(),
        };

        Assert.NotNull(MeasuredData.Read(System.Text.Encoding.UTF8.GetBytes(json), [meter]).Error);
    }

    [Fact]
    public async Task A_bad_event_of_a_meter_harms_no_other_of_its_batch()
    {
        await CreateAsync("sum", "pixels");
        object[] batch = [Event(new { pixels = 1 }, "a"), Event(new { pixels = -1 }, "b"), Event(new { }, "c"), Event(new { pixels = "2" }, "d")];

        using var response = await _client.PostAsJsonAsync("/api/usage/events", batch);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(["stored", "invalid", "invalid", "stored"], answer.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("outcome").GetString()));
    }

    [Theory]
    [InlineData(63, "stored")]
    [InlineData(65, "invalid")]
    [InlineData(5_000, "invalid")]
    public async Task However_deep_an_event_is_nested_it_harms_no_other_of_its_batch(int depth, string outcome)
    {
        await CreateAsync("sum", "pixels");
        var deep = JsonSerializer.Serialize(Event(new { pixels = 1, deep = "here" })).Replace(
            "\"here\"", new string('[', depth - 1) + new string(']', depth - 1), StringComparison.Ordinal);
        using var content = new StringContent($"[{JsonSerializer.Serialize(Event(new { pixels = 2 }))},{deep}]", System.Text.Encoding.UTF8, "application/cloudevents-batch+json");

        using var response = await _client.PostAsync("/api/usage/events", content);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var items = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["stored", outcome], items.Select(item => item.GetProperty("outcome").GetString()));
        Assert.True(outcome == "stored" || items[1].GetProperty("error").GetString()!.Contains("nested", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_report_beyond_what_a_limit_counts_is_told_so_and_harms_no_other_of_its_batch()
    {
        await CreateAsync("sum", "pixels");
        object[] batch = [Event(new { pixels = 4_000_000_000_000_000 }), Event(new { pixels = 4_000_000_000_000_001 }), Event(new { pixels = "1e3" })];

        using var response = await _client.PostAsJsonAsync("/api/usage/events", batch);
        var items = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(["stored", "invalid", "invalid"], items.Select(item => item.GetProperty("outcome").GetString()));
        Assert.Equal("data.pixels is too large: at most 4000000000000000.", items[1].GetProperty("error").GetString());
    }

    [Fact]
    public async Task An_archived_meter_takes_nothing_more_and_keeps_its_code()
    {
        var code = await CreateAsync("count", null);
        Assert.Equal("stored", await OutcomeAsync(new { }));

        using var archived = await _client.PostAsync($"/api/admin/meters/{code}/archive", null);
        using var again = await _client.PostAsJsonAsync("/api/admin/meters", new { code, eventType = _type, aggregation = "sum", valueProperty = "x" });

        Assert.Equal(HttpStatusCode.OK, archived.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Equal("invalid", await OutcomeAsync(new { }));
        var listed = (await _client.GetFromJsonAsync<JsonElement>("/api/admin/meters?limit=200")).GetProperty("items").EnumerateArray();
        Assert.NotEqual(JsonValueKind.Null, listed.Single(meter => meter.GetProperty("code").GetString() == code).GetProperty("archivedAt").ValueKind);
    }

    [Theory]
    [InlineData("llm.requests", "t", "sum", "x")]
    [InlineData("Upper", "t", "sum", "x")]
    [InlineData("ok", "llm.call.v1", "sum", "x")]
    [InlineData("ok", "t", "sum", null)]
    [InlineData("ok", "t", "count", "x")]
    [InlineData("ok", "t", "sum", "a..b")]
    [InlineData("ok", "t", "sum", "a'b")]
    public async Task A_meter_that_makes_no_sense_is_refused(string code, string eventType, string aggregation, string? valueProperty)
    {
        using var response = await _client.PostAsJsonAsync("/api/admin/meters", new { code, eventType, aggregation, valueProperty });

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private async Task<string> CreateAsync(string aggregation, string? valueProperty)
    {
        var code = $"m-{Guid.CreateVersion7():N}";
        using var response = await _client.PostAsJsonAsync("/api/admin/meters", new { code, eventType = _type, aggregation, valueProperty });
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return code;
    }

    private object Event(object data, string? id = null) => new
    {
        specversion = "1.0",
        type = _type,
        source = "tests",
        id = id ?? Guid.CreateVersion7().ToString(),
        subject = _account,
        data,
    };

    private async Task<string?> OutcomeAsync(object data)
    {
        using var response = await _client.PostAsJsonAsync("/api/usage/events", Event(data));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items")[0].GetProperty("outcome").GetString();
    }
}
