using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;

namespace BotGeneric.Usage.Tests;

public sealed class UsageApplication() : ServiceApplication<Program>("usage");

public sealed class UsageEventsTests(UsageApplication application) : IClassFixture<UsageApplication>
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly HttpClient _client = application.CreateOperatorClient();
    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task One_event_is_stored_once_and_told_once()
    {
        await using var tap = await BrokerTap<UsageRecorded>.OpenAsync();

        Assert.Equal("stored", await OutcomeAsync(Event("a")));
        Assert.Equal("duplicate", await OutcomeAsync(Event("a", minutes: 5)));

        Assert.Equal("a", Assert.Single(await HistoryAsync()).GetProperty("sourceId").GetString());
        var heard = await Eventually.GetAsync(
            () => Task.FromResult(tap.Events.SelectMany(recorded => recorded.Entries).Where(entry => entry.AccountId == _account).ToList()),
            entries => entries.Count > 0, "UsageRecorded");
        Assert.Equal(100, Assert.Single(heard).InputTokens);
    }

    [Fact]
    public async Task In_a_batch_each_event_has_its_own_outcome_in_the_order_sent()
    {
        await OutcomeAsync(Event("known"));

        var answer = await PostAsync(new object[] { Event("new"), Event("known"), new { id = "bad" }, Event("new"), 5 });

        Assert.Equal(
            ["stored", "duplicate", "invalid", "duplicate", "invalid"],
            answer.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("outcome").GetString()));
        Assert.Equal((1, 2, 2), (Count(answer, "stored"), Count(answer, "duplicates"), Count(answer, "invalid")));
        Assert.Equal(2, (await HistoryAsync()).Count);
    }

    [Fact]
    public async Task The_same_batch_from_many_clients_at_once_is_counted_once()
    {
        var events = Enumerable.Range(0, 300).Select(number => Event($"e{number}")).ToArray();
        var shuffled = Enumerable.Range(0, 8).Select(seed =>
        {
            var copy = (object[])events.Clone();
            new Random(seed).Shuffle(copy);
            return copy;
        });

        var answers = await Task.WhenAll(shuffled.Select(PostAsync));

        Assert.Equal(300, answers.Sum(answer => Count(answer, "stored")));
        Assert.Equal(300, (await HistoryAsync()).Count);
    }

    [Fact]
    public async Task The_same_id_from_another_source_or_for_another_account_is_another_event()
    {
        Assert.Equal("stored", await OutcomeAsync(Event("same")));
        Assert.Equal("stored", await OutcomeAsync(Event("same", source: "elsewhere")));
        Assert.Equal("stored", await OutcomeAsync(Event("same", account: Guid.CreateVersion7())));
    }

    [Fact]
    public async Task History_comes_latest_first_in_pages_that_neither_skip_nor_repeat()
    {
        await PostAsync(Enumerable.Range(0, 120).Select(number => Event($"e{number}", minutes: number / 2)).ToArray());

        var history = await HistoryAsync(limit: 50);

        Assert.Equal(120, history.Select(item => item.GetProperty("id").GetGuid()).Distinct().Count());
        var times = history.Select(item => item.GetProperty("time").GetDateTimeOffset()).ToList();
        Assert.Equal(times.OrderDescending(), times);
        Assert.Equal(20, (await HistoryAsync(query: "&from=2026-01-01T00:10:00Z&to=2026-01-01T00:20:00Z")).Count);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=201")]
    [InlineData("cursor=nonsense!")]
    [InlineData("cursor=bnVsbA")]
    [InlineData("from=yesterday")]
    public async Task A_wrong_parameter_is_refused(string query) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await _client.GetAsync($"/api/usage/history?account={_account}&{query}")).StatusCode);

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task A_batch_of_the_wrong_size_is_refused_whole(int size)
    {
        var answer = await SendAsync(JsonSerializer.Serialize(Enumerable.Range(0, size).Select(number => Event($"e{number}"))));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(await HistoryAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("not json")]
    public async Task A_body_that_is_not_json_is_a_bad_request(string body) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(body)).StatusCode);

    [Fact]
    public async Task Without_a_key_nothing_is_recorded_or_shown()
    {
        using var anonymous = application.CreateClient();

        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.PostAsJsonAsync("/api/usage/events", Event("a"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync($"/api/usage/history?account={_account}")).StatusCode);
    }

    private static int Count(JsonElement answer, string name) => answer.GetProperty(name).GetInt32();

    private object Event(string id, int minutes = 0, string source = "tests", Guid? account = null) => new
    {
        specversion = "1.0",
        type = "llm.call.v1",
        source,
        id,
        subject = account ?? _account,
        time = Start.AddMinutes(minutes),
        data = new { feature = "chat", model = "m1", inputTokens = 100, outputTokens = 10 },
    };

    private Task<HttpResponseMessage> SendAsync(string body)
    {
        var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents-batch+json");
        return _client.PostAsync("/api/usage/events", content);
    }

    private async Task<JsonElement> PostAsync(object[] events)
    {
        var answer = await SendAsync(JsonSerializer.Serialize(events));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<string?> OutcomeAsync(object usage)
    {
        var answer = await _client.PostAsJsonAsync("/api/usage/events", usage);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items")[0].GetProperty("outcome").GetString();
    }

    private async Task<List<JsonElement>> HistoryAsync(int limit = 200, string query = "")
    {
        var items = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = await _client.GetFromJsonAsync<JsonElement>(
                $"/api/usage/history?account={_account}&limit={limit}{query}{(cursor is null ? string.Empty : $"&cursor={cursor}")}");
            items.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);

        return items;
    }
}
