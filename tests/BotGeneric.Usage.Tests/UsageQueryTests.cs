using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Usage.Api;

namespace BotGeneric.Usage.Tests;

/// <summary>What is asked about usage and how it is answered.</summary>
public sealed class UsageQueryTests(RollupApplication application) : IClassFixture<RollupApplication>
{
    private readonly HttpClient _client = application.CreateOperatorClient();
    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task Days_are_those_of_the_zone_also_where_the_clock_is_changed()
    {
        // In Kyiv 2026-03-29 has 23 hours: from 22:00 UTC of the 28th to 21:00 UTC.
        await application.RecordAsync(
            application.Call(_account, Utc("2026-03-28T21:59:59Z")), application.Call(_account, Utc("2026-03-28T22:00:00Z")), application.Call(_account, Utc("2026-03-29T20:59:59Z")),
            application.Call(_account, Utc("2026-03-29T21:00:00Z")));

        var days = await QueryAsync(new { from = Utc("2026-03-27T22:00:00Z"), to = Utc("2026-03-30T21:00:00Z"), granularity = "P1D", timeZone = "Europe/Kyiv", account = _account });

        Assert.Equal(
            [("2026-03-27T22:00:00", "1"), ("2026-03-28T22:00:00", "2"), ("2026-03-29T21:00:00", "1")],
            days.Select(day => (day.GetProperty("from").GetDateTimeOffset().UtcDateTime.ToString("s"), day.GetProperty("values").GetProperty("requests").GetString()!)));
    }

    [Fact]
    public async Task The_cost_is_null_while_a_price_is_unknown_and_never_nothing()
    {
        var time = Utc("2026-02-01T00:00:00Z");
        await application.RecordAsync(application.Call(_account, time, "chat", cost: 0.5m), application.Call(_account, time, "chat", cost: 0.000000000001m), application.Call(_account, time, "images"));

        var cells = await QueryAsync(new { from = time, to = time.AddDays(1), groupBy = new[] { "feature" }, account = _account });
        var summary = await _client.GetFromJsonAsync<JsonElement>($"/api/usage/summary?account={_account}&from=2026-02-01T00:00:00Z&to=2026-02-02T00:00:00Z");

        Assert.Equal("0.500000000001", cells[0].GetProperty("cost")[0].GetProperty("amount").GetString());
        Assert.Equal((JsonValueKind.Null, 1), (cells[1].GetProperty("cost").ValueKind, cells[1].GetProperty("unpricedCalls").GetInt64()));
        var totals = summary.GetProperty("totals");
        Assert.Equal((JsonValueKind.Null, 1), (totals.GetProperty("cost").ValueKind, totals.GetProperty("unpricedCalls").GetInt64()));
        Assert.Equal("0.500000000001", totals.GetProperty("pricedCost")[0].GetProperty("amount").GetString());
        Assert.Equal(["chat", "images"], summary.GetProperty("byFeature").EnumerateArray().Select(row => row.GetProperty("feature").GetString()));
    }

    [Fact]
    public async Task Filters_and_groups_say_which_calls_are_meant()
    {
        var (time, user) = (Utc("2026-02-03T00:00:00Z"), Guid.CreateVersion7());
        await application.RecordAsync(
            application.Call(_account, time, "chat", "a", user: user), application.Call(_account, time, "chat", "b"), application.Call(_account, time, "images", "a"));

        var cells = await QueryAsync(new
        {
            from = time,
            to = time.AddDays(1),
            account = _account,
            groupBy = new[] { "model", "user" },
            filters = new { feature = new[] { "chat" } },
            measures = new[] { "requests", "totalTokens" },
        });

        Assert.Equal(
            [$"a {user} 1 138", "b  1 138"],
            cells.Select(cell => $"{Group(cell, "model")} {Group(cell, "user")} {cell.GetProperty("values").GetProperty("requests")} {cell.GetProperty("values").GetProperty("totalTokens")}"));
        Assert.Equal("1", Assert.Single(await QueryAsync(new
        {
            from = time,
            to = time.AddDays(1),
            account = _account,
            meter = "llm.requests",
            filters = new { user = new[] { user.ToString() } },
        })).GetProperty("values").GetProperty("llm.requests").GetString());
    }

    [Theory]
    [InlineData("""{"from":"2026-01-01T00:00:01Z","to":"2026-01-02T00:00:00Z"}""", "from")]
    [InlineData("""{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:01Z"}""", "to")]
    [InlineData("""{"from":"2026-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z"}""", "to")]
    [InlineData("""{"from":"2026-01-02T00:00:00Z","to":"2026-01-02T00:00:00Z"}""", "to")]
    [InlineData("""{"from":"0001-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z"}""", "from")]
    [InlineData("""{"from":"2026-01-01T00:00:00Z","to":"9999-12-31T23:45:00Z","granularity":"P1M"}""", "to")]
    [InlineData("""{"to":"2026-01-02T00:00:00Z"}""", "from")]
    [InlineData("""{"from":"2026-01-01T00:00:00Z"}""", "to")]
    [InlineData("""{"from":"yesterday","to":"2026-01-02T00:00:00Z"}""", "from")]
    [InlineData("""{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","granularity":"P1W"}""", "granularity")]
    [InlineData("""{"from":"2026-01-01T00:00:00Z","to":"2026-12-31T00:00:00Z","granularity":"PT15M"}""", "granularity")]
    [InlineData("""{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","timeZone":"Mars/Olympus"}""", "timeZone")]
    [InlineData("""{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","groupBy":["colour"]}""", "groupBy")]
    [InlineData("""{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","filters":{"colour":["red"]}}""", "filters")]
    [InlineData("""{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","measures":["love"]}""", "measures")]
    [InlineData("""{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","meter":"unknown"}""", "meter")]
    [InlineData("""{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","meter":"llm.requests","measures":["cost"]}""", "measures")]
    [InlineData("""{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","colour":1}""", "colour")]
    public async Task A_query_that_cannot_be_answered_is_refused_by_name(string body, string field)
    {
        using var person = application.CreateClientFor(_account, scopes: [ApiScopes.UsageRead]);
        using var response = await person.PostAsync("/api/usage/query", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(field, Assert.Single((await ErrorsAsync(response)).EnumerateObject()).Name);
    }

    [Theory]
    [InlineData("/api/usage/history?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to", "later than from")]
    [InlineData("/api/usage/history?from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "to", "later than from")]
    [InlineData("/api/usage/history?from=yesterday", "from", "RFC 3339")]
    [InlineData("/api/usage/history?limit=many", "limit", "whole number")]
    [InlineData("/api/usage/history?limit=0", "limit", "200")]
    [InlineData("/api/usage/history?user=me", "user", "UUID")]
    [InlineData("/api/usage/history/export?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to", "later than from")]
    [InlineData("/api/usage/history/export?format=xml", "format", "csv or json")]
    [InlineData("/api/usage/summary?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to", "later than from")]
    [InlineData("/api/usage/summary?from=2026-01-01T00:00:01Z&to=2026-01-02T00:00:00Z", "from", "quarter of an hour")]
    [InlineData("/api/usage/summary?to=2026-01-02T00:00:01Z", "to", "quarter of an hour")]
    [InlineData("/api/usage/summary?to=0001-01-01T00:00:00Z", "to", "years 2000 to 2999")]
    [InlineData("/api/usage/summary?from=2900-01-01T00:00:00Z", "from", "past")]
    [InlineData("/api/usage/summary?account=mine", "account", "UUID")]
    [InlineData("/api/admin/usage/totals?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to", "later than from")]
    [InlineData("/api/admin/usage/totals?from=2026-01-01T00:07:00Z&to=2026-01-02T00:00:00Z", "from", "quarter of an hour")]
    [InlineData("/api/admin/usage/totals?to=2026-01-02T00:00:00Z", "from", "RFC 3339")]
    [InlineData("/api/admin/usage/totals?from=2026-01-02T00:00:00Z", "to", "RFC 3339")]
    [InlineData("/api/admin/usage/entries?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to", "later than from")]
    [InlineData("/api/admin/usage/entries?from=2026-01-01T00:00:00Z&to=2026-02-02T00:00:00Z", "to", "31 days")]
    public async Task A_parameter_that_cannot_be_is_named_with_what_to_send(string address, string name, string advice)
    {
        using var response = await _client.GetAsync(new Uri(address, UriKind.Relative));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = Assert.Single((await ErrorsAsync(response)).EnumerateObject());
        Assert.Equal(name, error.Name);
        Assert.Contains(advice, Assert.Single(error.Value.EnumerateArray()).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exports_stream_every_entry_and_no_cell_is_a_formula()
    {
        var time = Utc("2026-02-05T00:00:00Z");
        await application.RecordAsync([.. Enumerable.Range(0, 1_500).Select(number => application.Call(_account, time.AddSeconds(number), number == 0 ? "=cmd()" : "chat", cost: 0.25m))]);

        var csv = await _client.GetStringAsync($"/api/usage/history/export?account={_account}");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/usage/history/export?account={_account}&feature=chat");
        request.Headers.Accept.ParseAdd("application/json");
        using var response = await _client.SendAsync(request);
        var json = await response.Content.ReadFromJsonAsync<JsonElement>();
        using var query = await _client.PostAsJsonAsync("/api/usage/query?format=csv", new { account = _account, from = time, to = time.AddDays(1), groupBy = new[] { "feature" } });

        var lines = csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1_501, lines.Length);
        Assert.Contains(",'=cmd(),", lines[^1], StringComparison.Ordinal);
        Assert.Equal(1_499, json.GetArrayLength());
        Assert.Equal("0.25", json[0].GetProperty("cost").GetProperty("amount").GetString());
        Assert.Contains("chat,1499,", await query.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("-1", "'-1")]
    [InlineData(" =1", "' =1")]
    [InlineData("＝1", "'＝1")]
    public void A_text_becomes_a_cell_that_is_text(string? value, string cell) => Assert.Equal(cell, Exports.Cell(value));

    [Fact]
    public void A_number_of_ours_stays_a_number() => Assert.Equal("-1", Exports.Cell(-1L));

    [Fact]
    public async Task Entries_are_streamed_in_order_of_time_line_by_line()
    {
        var time = Utc("2026-02-07T00:00:00Z");
        await application.RecordAsync(application.Call(_account, time.AddMinutes(2)), application.Call(_account, time), application.Call(_account, time.AddMinutes(1)));

        var lines = (await _client.GetStringAsync($"/api/admin/usage/entries?account={_account}&from=2026-02-07T00:00:00Z&to=2026-02-08T00:00:00Z")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal([0, 1, 2], lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("entry").GetProperty("time").GetDateTimeOffset().Minute));
    }

    [Fact]
    public async Task Totals_are_paged_by_account_and_told_by_person()
    {
        var time = Utc("2026-02-09T00:00:00Z");
        var (user, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await application.RecordAsync(application.Call(_account, time, user: user), application.Call(_account, time), application.Call(other, time));

        var accounts = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = await _client.GetFromJsonAsync<JsonElement>(
                $"/api/admin/usage/totals?from=2026-02-09T00:00:00Z&to=2026-02-10T00:00:00Z&limit=1{(cursor is null ? string.Empty : $"&cursor={cursor}")}");
            accounts.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);

        Assert.Equal(accounts.Count, accounts.Select(account => account.GetProperty("accountId").GetGuid()).Distinct().Count());
        var ours = accounts.Single(account => account.GetProperty("accountId").GetGuid() == _account).GetProperty("users");
        Assert.Equal([(null, 1L), (user, 1L)], ours.EnumerateArray().Select(person => (
            person.GetProperty("userId").ValueKind == JsonValueKind.Null ? (Guid?)null : person.GetProperty("userId").GetGuid(), person.GetProperty("calls").GetProperty("requests").GetInt64())));
    }

    private static async Task<JsonElement> ErrorsAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static string? Group(JsonElement cell, string name) => cell.GetProperty("group").GetProperty(name).GetString();

    private async Task<List<JsonElement>> QueryAsync(object query)
    {
        using var response = await _client.PostAsJsonAsync("/api/usage/query", query);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return [.. (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").EnumerateArray()];
    }
}
