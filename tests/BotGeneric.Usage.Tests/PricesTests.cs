using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using BotGeneric.Usage.Prices;
using BotGeneric.Usage.Rollups;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace BotGeneric.Usage.Tests;

/// <summary>Prices as they are entered, found and applied.</summary>
public sealed class PricesTests(RollupApplication application) : IClassFixture<RollupApplication>
{
    private static readonly TokenPools Million = new(1_000_000, 0, 0, 0, 0);

    private readonly HttpClient _client = application.CreateOperatorClient();
    private readonly string _model = $"model-{Guid.NewGuid():N}";

    private PriceBook Book => application.Services.GetRequiredService<PriceBook>();

    [Fact]
    public async Task A_new_installation_knows_the_prices_of_well_known_models()
    {
        var page = await _client.GetFromJsonAsync<JsonElement>("/api/admin/prices?provider=anthropic&model=claude-sonnet-4-5");

        var tiers = Assert.Single(page.GetProperty("items").EnumerateArray()).GetProperty("tiers");
        Assert.Equal(("0.000003", 200_000, "0.000006"), (tiers[0].GetProperty("input").GetString(), tiers[1].GetProperty("aboveInputTokens").GetInt64(), tiers[1].GetProperty("input").GetString()));
    }

    [Fact]
    public async Task A_price_holds_from_its_moment_on_and_ends_the_one_before()
    {
        await AddAsync("0.000001", "2026-01-01T00:00:00Z");
        await AddAsync("0.000002", "2026-02-01T00:00:00Z");

        await Book.RefreshIfStaleAsync(CancellationToken.None);

        Assert.Null(Cost("2025-12-31T23:59:59.999999Z"));
        Assert.Equal((1m, 1m, 2m), (Cost("2026-01-01T00:00:00Z"), Cost("2026-01-31T23:59:59.999999Z"), Cost("2026-02-01T00:00:00Z")));
    }

    [Fact]
    public async Task Two_prices_of_a_model_never_overlap_not_even_in_the_database()
    {
        await AddAsync("0.000001", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");

        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync("0.000002", "2026-01-15T00:00:00Z")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync("0.000002", "2026-02-01T00:00:00Z")).StatusCode);
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => application.SqlAsync(
            $"INSERT INTO model_prices (id, provider, model, currency, effective_from, created_at, source, tiers) VALUES (gen_random_uuid(), 'tests', '{_model}', 'USD', '2026-01-20Z', now(), 'x', '[]')"));
        Assert.Equal(PostgresErrorCodes.ExclusionViolation, refusal.SqlState);
    }

    [Fact]
    public async Task A_change_made_elsewhere_is_known_within_a_second()
    {
        var time = new FakeTimeProvider();
        var services = application.Services;
        using var book = new PriceBook(
            services.GetRequiredService<NpgsqlDataSource>(), services.GetRequiredService<IServiceScopeFactory>(), services.GetRequiredService<UnpricedModels>(), time);
        await book.RefreshIfStaleAsync(CancellationToken.None);
        await application.SqlAsync(
            $$"""INSERT INTO model_prices (id, provider, model, currency, effective_from, created_at, source, tiers) VALUES (gen_random_uuid(), 'tests', '{{_model}}', 'USD', '2026-01-01Z', now(), 'x', '[{"aboveInputTokens":0,"input":0.000003,"output":0}]')""");
        time.Advance(TimeSpan.FromSeconds(1));
        await book.RefreshIfStaleAsync(CancellationToken.None);

        Assert.Equal(3m, Cost("2026-03-01T00:00:00Z", book));
    }

    [Theory]
    [InlineData("tests", "{0}")]
    [InlineData("Tests", "{0}")]
    [InlineData("tests", "tests/{0}")]
    [InlineData(null, "tests/{0}")]
    public async Task A_model_is_found_with_and_without_its_provider_in_front(string? provider, string model)
    {
        await AddAsync("0.000001", "2026-01-01T00:00:00Z");
        await Book.RefreshIfStaleAsync(CancellationToken.None);
        var name = string.Format(System.Globalization.CultureInfo.InvariantCulture, model, _model);

        Assert.Equal(1m, Book.Find(provider, name, DateTimeOffset.Parse("2026-03-01Z", System.Globalization.CultureInfo.InvariantCulture), Million)?.Cost);
        Assert.Null(Book.Find(null, _model, DateTimeOffset.UnixEpoch.AddYears(60), Million));
        Assert.Null(Book.Find("others", name, DateTimeOffset.UnixEpoch.AddYears(60), Million));
    }

    [Fact]
    public async Task A_price_of_any_provider_holds_for_calls_without_a_provider_and_of_providers_without_a_price_of_their_own()
    {
        await AddAsync("0.000001", "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z");
        await AddAsync("0.000009", "2026-02-01T00:00:00Z", provider: "*");
        await Book.RefreshIfStaleAsync(CancellationToken.None);

        // Its own price goes before, as long as it holds.
        Assert.Equal((1m, 9m), (Cost("2026-02-15T00:00:00Z"), Cost("2026-03-15T00:00:00Z")));
        foreach (var (provider, model) in new[] { (null, _model), ("others", _model), ("Others", $"others/{_model}"), ("tests-2", _model) })
        {
            Assert.Equal(9m, Cost("2026-02-15T00:00:00Z", provider, model));
            Assert.Null(Cost("2026-01-15T00:00:00Z", provider, model));
        }

        Assert.Null(Cost("2026-02-15T00:00:00Z", "others", $"tests/{_model}"));
        Assert.Null(Cost("2026-02-15T00:00:00Z", "others", $"{_model}-2"));
    }

    [Fact]
    public async Task Calls_that_name_no_provider_are_priced_later_by_a_price_of_any_provider()
    {
        var account = Guid.CreateVersion7();
        var time = DateTimeOffset.Parse("2026-01-10T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
        // The two of the README.
        await application.RecordAsync(
            application.Call(account, time, model: _model) with { Provider = null, InputTokens = 1_200, CachedInputTokens = 0, CacheWriteTokens = 0, OutputTokens = 300, ReasoningTokens = 0 },
            application.Call(account, time, model: _model) with { Provider = null, InputTokens = 800, CachedInputTokens = 400, CacheWriteTokens = 0, OutputTokens = 200, ReasoningTokens = 0 });
        await AddAsync("0.000002", "2026-01-01T00:00:00Z", provider: "*", output: "0.00001");

        using var response = await _client.PostAsJsonAsync("/api/admin/prices/reprice", new { model = _model, from = "2026-01-01T00:00:00Z", to = "2100-01-01T00:00:00Z" });

        var repriced = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((2, "0.0098"), (repriced.GetProperty("priced").GetInt32(), repriced.GetProperty("cost")[0].GetProperty("amount").GetString()));
    }

    [Theory]
    [InlineData("USDT")]
    [InlineData("usd")]
    [InlineData("XYZ")]
    [InlineData("XAU")]
    [InlineData("")]
    public async Task A_price_in_what_is_no_currency_is_refused(string currency)
    {
        using var response = await PostAsync("0.000001", "2026-01-01T00:00:00Z", currency: currency);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = Assert.Single((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject());
        Assert.Equal("currency", error.Name);
        Assert.Contains("ISO 4217", error.Value.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("free")]
    [InlineData("10")]
    [InlineData("0.0000000000000000001")]
    public async Task A_price_that_is_none_is_refused(string price) => Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(price, "2026-01-01T00:00:00Z")).StatusCode);

    [Fact]
    public async Task A_price_ends_once()
    {
        var id = await AddAsync("0.000001", "2026-01-01T00:00:00Z");

        Assert.Equal(HttpStatusCode.OK, await EndAsync("2026-02-01T00:00:00Z"));
        Assert.Equal(HttpStatusCode.OK, await EndAsync("2026-02-01T00:00:00Z"));
        Assert.Equal(HttpStatusCode.OK, await EndAsync(null));
        Assert.Equal(HttpStatusCode.Conflict, await EndAsync("2026-03-01T00:00:00Z"));

        async Task<HttpStatusCode> EndAsync(string? at) => (await _client.PostAsJsonAsync($"/api/admin/prices/{id}/end", new { at })).StatusCode;
    }

    [Fact]
    public async Task A_list_is_imported_whole_after_a_dry_run_and_its_second_import_changes_nothing()
    {
        var list = new Dictionary<string, object> { [_model] = Listed(0.000001m), [$"{_model}-speech"] = new { litellm_provider = "tests", mode = "audio_speech" } };

        var dry = await ImportAsync(list, "?dryRun=true&effectiveFrom=2026-01-01T00:00:00Z");
        Assert.Equal((1, 1), (dry.GetProperty("created").GetInt32(), dry.GetProperty("skipped").GetInt32()));
        Assert.Empty((await _client.GetFromJsonAsync<JsonElement>($"/api/admin/prices?model={_model}")).GetProperty("items").EnumerateArray());
        Assert.Equal(1, (await ImportAsync(list, "?effectiveFrom=2026-01-01T00:00:00Z")).GetProperty("created").GetInt32());
        Assert.Equal(1, (await ImportAsync(list, "?effectiveFrom=2026-02-01T00:00:00Z")).GetProperty("unchanged").GetInt32());
        list[_model] = Listed(0.000002m);
        Assert.Equal(1, (await ImportAsync(list, "?effectiveFrom=2026-02-01T00:00:00Z&providers=tests")).GetProperty("replaced").GetInt32());

        await Book.RefreshIfStaleAsync(CancellationToken.None);
        Assert.Equal((1m, 2m), (Cost("2026-01-31T00:00:00Z"), Cost("2026-02-01T00:00:00Z")));
        var csv = await _client.GetStringAsync($"/api/admin/prices/export?model={_model}");
        Assert.Equal(3, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);

        static object Listed(decimal input) => new { litellm_provider = "tests", mode = "chat", input_cost_per_token = input, output_cost_per_token = 0, max_input_tokens = 2000000.0, supports_vision = true };
    }

    [Fact]
    public async Task Calls_whose_price_becomes_known_later_are_priced_once_by_corrections_that_the_others_hear_of()
    {
        await using var tap = await BrokerTap<UsageRecorded>.OpenAsync();
        var account = Guid.CreateVersion7();
        var time = DateTimeOffset.Parse("2026-01-10T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
        var calls = Enumerable.Range(0, 3).Select(number => application.Call(account, time.AddDays(number), model: _model, input: 1_000)).ToArray();
        await application.RecordAsync(calls);
        await application.Services.GetRequiredService<RollupFolder>().FoldAllAsync(CancellationToken.None);
        Assert.Equal(3, await UnpricedAsync());

        await AddAsync("0.000001", "2026-01-11T00:00:00Z");
        var first = await RepriceAsync();
        var second = await RepriceAsync();

        // 1,000 fresh, 10 cached and 5 written tokens at the price of input, in two of three calls.
        Assert.Equal((2, 1, "0.00203"), (first.GetProperty("priced").GetInt32(), first.GetProperty("stillUnpriced").GetInt32(), first.GetProperty("cost")[0].GetProperty("amount").GetString()));
        Assert.Equal(0, second.GetProperty("priced").GetInt32());
        Assert.Equal(1, await UnpricedAsync());
        await application.Services.GetRequiredService<RollupFolder>().FoldAllAsync(CancellationToken.None);
        Assert.Equal(1, await UnpricedAsync());
        var history = (await _client.GetFromJsonAsync<JsonElement>($"/api/usage/history?account={account}")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(2, history.Count(entry => entry.GetProperty("correctsEntryId").ValueKind == JsonValueKind.String && entry.GetProperty("cost").GetProperty("amount").GetString() == "0.001015"));
        var heard = await Eventually.GetAsync(
            () => Task.FromResult(tap.Events.SelectMany(told => told.Entries).Where(entry => entry.AccountId == account).ToList()), entries => entries.Count == 2, "the corrections");
        Assert.All(heard, entry => Assert.Equal((0, 0.001015m, "USD"), (entry.Requests, entry.Cost, entry.Currency)));
        Assert.Empty(await application.Services.GetRequiredService<Invariants.InvariantCheck>().FindAsync(account, CancellationToken.None));
    }

    [Fact]
    public async Task A_call_whose_cost_was_entered_by_hand_is_unpriced_no_longer_and_a_second_difference_prices_no_other()
    {
        var folder = application.Services.GetRequiredService<RollupFolder>();
        var account = Guid.CreateVersion7();
        var time = DateTimeOffset.Parse("2026-01-10T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
        var calls = Enumerable.Range(0, 2).Select(number => application.Call(account, time.AddDays(number), model: _model)).ToArray();
        await application.RecordAsync(calls);
        await folder.FoldAllAsync(CancellationToken.None);
        Assert.Equal(2, await UnpricedAsync());

        await CorrectAsync("0.5");
        Assert.Equal(1, await UnpricedAsync());
        await folder.FoldAllAsync(CancellationToken.None);
        await CorrectAsync("-0.25");
        Assert.Equal(1, await UnpricedAsync());
        await folder.FoldAllAsync(CancellationToken.None);

        var left = (await _client.GetFromJsonAsync<JsonElement>("/api/admin/prices/unpriced")).GetProperty("items").EnumerateArray().Single(model => model.GetProperty("model").GetString() == _model);
        Assert.Equal((1L, time.AddDays(1)), (left.GetProperty("calls").GetInt64(), left.GetProperty("from").GetDateTimeOffset()));
        var summary = await _client.GetFromJsonAsync<JsonElement>($"/api/usage/summary?account={account}&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z");
        Assert.Equal(1, summary.GetProperty("totals").GetProperty("unpricedCalls").GetInt64());
        await AddAsync("0.000001", "2026-01-01T00:00:00Z");
        Assert.Equal(1, (await RepriceAsync()).GetProperty("priced").GetInt32());
        Assert.Equal(0, await UnpricedAsync());
        Assert.Empty(await application.Services.GetRequiredService<Invariants.InvariantCheck>().FindAsync(account, CancellationToken.None));

        async Task CorrectAsync(string amount)
        {
            using var response = await _client.PostAsJsonAsync(
                "/api/admin/usage/corrections", new { entryId = calls[0].Id, reason = "From the provider's bill.", cost = new { amount, currency = "USD" } });
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    private decimal? Cost(string time, PriceBook? book = null) => Cost(time, "tests", _model, book);

    private decimal? Cost(string time, string? provider, string model, PriceBook? book = null) =>
        (book ?? Book).Find(provider, model, DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture), Million)?.Cost;

    private Task<HttpResponseMessage> PostAsync(string input, string from, string? to = null, string provider = "tests", string currency = "USD", string output = "0") => _client.PostAsJsonAsync("/api/admin/prices", new
    {
        provider,
        model = _model,
        currency,
        source = "tests",
        effectiveFrom = from,
        effectiveTo = to,
        tiers = new[] { new { aboveInputTokens = 0, input, output } },
    });

    [Theory]
    [InlineData("""{ "\ud800": {} }""")]
    [InlineData("""{ "model": { "litellm_provider": "\ud800" } }""")]
    [InlineData("""{ "model": { "litellm_provider": "tests", "mode": ["\udc00"] } }""")]
    public async Task A_list_with_half_a_character_is_refused_as_a_whole(string list)
    {
        using var content = new StringContent(list, System.Text.Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync(new Uri("/api/admin/prices/import", UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("UTF-8", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<Guid> AddAsync(string input, string from, string? to = null, string provider = "tests", string output = "0")
    {
        using var response = await PostAsync(input, from, to, provider, output: output);
        Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    private async Task<JsonElement> ImportAsync(object list, string query)
    {
        using var response = await _client.PostAsJsonAsync("/api/admin/prices/import" + query, list);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<JsonElement> RepriceAsync()
    {
        using var response = await _client.PostAsJsonAsync("/api/admin/prices/reprice", new { provider = "tests", model = _model, from = "2026-01-01T00:00:00Z", to = "2026-02-01T00:00:00Z" });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<long> UnpricedAsync() => (await _client.GetFromJsonAsync<JsonElement>("/api/admin/prices/unpriced")).GetProperty("items").EnumerateArray()
        .Where(model => model.GetProperty("model").GetString() == _model).Sum(model => model.GetProperty("calls").GetInt64());
}
