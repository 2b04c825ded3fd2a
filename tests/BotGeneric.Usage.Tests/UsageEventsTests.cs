using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
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
    public async Task A_person_reports_and_sees_their_own_usage_without_naming_the_account()
    {
        using var person = application.CreateClientFor(_account, scopes: [ApiScopes.UsageRead, ApiScopes.UsageWrite]);

        var answer = await person.PostAsJsonAsync("/api/usage/events", Event("mine"));
        var history = await person.GetFromJsonAsync<JsonElement>("/api/usage/history");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("mine", Assert.Single(history.GetProperty("items").EnumerateArray()).GetProperty("sourceId").GetString());
    }

    [Fact]
    public async Task In_the_name_of_an_organization_its_account_is_meant_and_not_the_persons_own()
    {
        var organization = Guid.CreateVersion7();
        using var member = application.CreateClientFor(_account, organization, "member", ApiScopes.UsageRead, ApiScopes.UsageWrite);

        Assert.Equal("invalid", await OutcomeAsync(Event("own"), member));
        Assert.Equal("stored", await OutcomeAsync(Event("organization", account: organization), member));
        Assert.Equal(HttpStatusCode.NotFound, (await member.GetAsync($"/api/usage/history?account={_account}")).StatusCode);
        var history = await member.GetFromJsonAsync<JsonElement>("/api/usage/history");
        Assert.Equal("organization", Assert.Single(history.GetProperty("items").EnumerateArray()).GetProperty("sourceId").GetString());
    }

    [Fact]
    public async Task Nobody_reports_or_sees_the_usage_of_another_account()
    {
        await OutcomeAsync(Event("a"));
        using var stranger = application.CreateClientFor(Guid.CreateVersion7(), scopes: [ApiScopes.UsageRead, ApiScopes.UsageWrite]);

        Assert.Equal("invalid", await OutcomeAsync(Event("b"), stranger));
        Assert.Equal("invalid", await OutcomeAsync(Event("a"), stranger));
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/usage/history?account={_account}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/usage/history?account={Guid.CreateVersion7()}")).StatusCode);
        Assert.Single(await HistoryAsync());
    }

    [Fact]
    public async Task A_service_reports_for_every_account_and_has_none_of_its_own()
    {
        using var service = application.CreateClientWith(
            new TestToken { Subject = "agents", ClientId = "agents", Scopes = [ApiScopes.UsageRead, ApiScopes.UsageWrite] });

        Assert.Equal("stored", await OutcomeAsync(Event("a"), service));
        Assert.Equal(HttpStatusCode.BadRequest, (await service.GetAsync("/api/usage/history")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync($"/api/usage/history?account={_account}")).StatusCode);
    }

    [Fact]
    public async Task A_key_of_those_who_run_the_system_without_the_scope_for_it_is_an_ordinary_key()
    {
        using var person = application.CreateClientWith(TestToken.Operator with { Scopes = [ApiScopes.UsageRead, ApiScopes.UsageWrite] });

        Assert.Equal("invalid", await OutcomeAsync(Event("a"), person));
        Assert.Equal(HttpStatusCode.NotFound, (await person.GetAsync($"/api/usage/history?account={_account}")).StatusCode);
    }

    [Theory]
    [InlineData(ApiScopes.UsageRead, HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData(ApiScopes.UsageWrite, HttpStatusCode.Forbidden, HttpStatusCode.OK)]
    public async Task To_see_and_to_report_are_two_scopes(string scope, HttpStatusCode seeing, HttpStatusCode reporting)
    {
        using var person = application.CreateClientFor(_account, scopes: [scope]);

        Assert.Equal(seeing, (await person.GetAsync("/api/usage/history")).StatusCode);
        Assert.Equal(reporting, (await person.PostAsJsonAsync("/api/usage/events", Event("a"))).StatusCode);
    }

    [Fact]
    public async Task An_answer_that_is_kept_for_a_repetition_is_kept_for_the_account_it_was_given_to()
    {
        var key = Guid.CreateVersion7().ToString();
        using var person = application.CreateClientFor(_account, scopes: [ApiScopes.UsageWrite]);
        using var member = application.CreateClientFor(_account, Guid.CreateVersion7(), "member", ApiScopes.UsageWrite);

        using var first = await SendWithKeyAsync(person, key);
        using var repeated = await SendWithKeyAsync(person, key);
        using var other = await SendWithKeyAsync(member, key);

        Assert.True(repeated.Headers.Contains("Idempotency-Replayed"));
        Assert.False(other.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(1, Count(await first.Content.ReadFromJsonAsync<JsonElement>(), "stored"));
        Assert.Equal(1, Count(await other.Content.ReadFromJsonAsync<JsonElement>(), "invalid"));
    }

    [Fact]
    public async Task Without_a_token_nothing_is_recorded_or_shown()
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

    private async Task<HttpResponseMessage> SendWithKeyAsync(HttpClient client, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/usage/events") { Content = JsonContent.Create(Event("a")) };
        request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }

    private async Task<string?> OutcomeAsync(object usage, HttpClient? client = null)
    {
        var answer = await (client ?? _client).PostAsJsonAsync("/api/usage/events", usage);
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
