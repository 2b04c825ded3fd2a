using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using BotGeneric.Testing.Services;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Usage.Tests;

public sealed class CorrectionTests(UsageApplication application) : IClassFixture<UsageApplication>
{
    private readonly HttpClient _client = application.CreateOperatorClient();
    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task A_correction_is_a_row_of_its_own_at_the_time_of_what_it_corrects()
    {
        var entry = await EntryAsync(inputTokens: 100);

        using var response = await CorrectAsync(new { entryId = entry.Id, inputTokens = -40, reason = "The provider counted twice." });

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var rows = await RowsAsync();
        Assert.Equal(2, rows.Count);
        var correction = rows.Single(row => row.CorrectsEntryId == entry.Id);
        Assert.Equal((entry.Time, entry.Feature, -40L, 0L), (correction.Time, correction.Feature, correction.InputTokens, correction.Requests));
        Assert.Equal(60, rows.Sum(row => row.InputTokens));
    }

    [Fact]
    public async Task An_entry_and_its_corrections_are_never_less_than_nothing_however_many_come_at_once()
    {
        var entry = await EntryAsync(inputTokens: 100);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => CorrectAsync(new { entryId = entry.Id, inputTokens = -15, reason = "Too much." })));

        Assert.Equal(6, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        Assert.Equal(6, answers.Count(answer => answer.StatusCode == HttpStatusCode.UnprocessableEntity));
        Assert.Equal(10, (await RowsAsync()).Sum(row => row.InputTokens));
    }

    [Fact]
    public async Task The_same_key_corrects_once_even_when_the_answer_was_not_kept()
    {
        var entry = await EntryAsync(inputTokens: 100);
        var key = Guid.CreateVersion7().ToString();
        var body = new { entryId = entry.Id, inputTokens = -15, reason = "Too much." };
        using var first = await CorrectAsync(body, key);
        await using (var scope = application.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<UsageDbContext>().Database.ExecuteSqlAsync($"DELETE FROM idempotency_keys WHERE key = {key}");
        }

        using var second = await CorrectAsync(body, key);

        Assert.Equal(HttpStatusCode.Created, second.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(85, (await RowsAsync()).Sum(row => row.InputTokens));
    }

    [Fact]
    public async Task Money_is_corrected_in_one_currency_and_exactly()
    {
        var entry = await EntryAsync(inputTokens: 100);
        using var first = await CorrectAsync(new { entryId = entry.Id, reason = "The price was missing.", cost = new { amount = "0.000000000003", currency = "USD" } });
        using var euros = await CorrectAsync(new { entryId = entry.Id, reason = "x", cost = new { amount = "1", currency = "EUR" } });
        using var tooMuch = await CorrectAsync(new { entryId = entry.Id, reason = "x", cost = new { amount = "-0.000000000004", currency = "USD" } });

        Assert.Equal(
            [HttpStatusCode.Created, HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity], new[] { first, euros, tooMuch }.Select(answer => answer.StatusCode));
        Assert.Equal(0.000000000003m, (await RowsAsync()).Sum(row => row.Cost ?? 0));
    }

    [Fact]
    public async Task A_correction_is_not_corrected_and_what_does_not_exist_neither()
    {
        var entry = await EntryAsync(inputTokens: 100);
        using var first = await CorrectAsync(new { entryId = entry.Id, inputTokens = 5, reason = "Too few." });
        var id = (await first.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();

        using var second = await CorrectAsync(new { entryId = id, inputTokens = 5, reason = "Again." });
        using var third = await CorrectAsync(new { entryId = Guid.CreateVersion7(), inputTokens = 5, reason = "Of nothing." });

        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.NotFound), (second.StatusCode, third.StatusCode));
    }

    [Theory]
    [InlineData("""{ "requests": 1 }""")]
    [InlineData("""{ "outputTokens": 1 }""")]
    [InlineData("""{ "cost": { "amount": "1", "currency": "USD" } }""")]
    public async Task What_only_a_call_has_is_corrected_of_no_other_entry(string difference)
    {
        var entry = await EntryAsync(inputTokens: 0, type: "images.drawn");
        var body = JsonNode.Parse(difference)!.AsObject();
        body["entryId"] = entry.Id;
        body["reason"] = "Too few.";

        using var response = await CorrectAsync(body);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var problem = await response.Content.ReadAsStringAsync();
        Assert.Contains("images.drawn", problem, StringComparison.Ordinal);
        Assert.Contains("llm.call.v1", problem, StringComparison.Ordinal);
        Assert.Single(await RowsAsync());
    }

    [Theory]
    [InlineData("""{ "reason": "x", "inputTokens": 1 }""")]
    [InlineData("""{ "entryId": "0192f0c1-2345-7abc-8def-0123456789ab", "reason": "", "inputTokens": 1 }""")]
    [InlineData("""{ "entryId": "0192f0c1-2345-7abc-8def-0123456789ab", "reason": "x" }""")]
    [InlineData("""{ "entryId": "0192f0c1-2345-7abc-8def-0123456789ab", "reason": "x", "inputTokens": 9999999999 }""")]
    [InlineData("""{ "entryId": "0192f0c1-2345-7abc-8def-0123456789ab", "reason": "x", "cost": { "amount": "1.0000000000001", "currency": "USD" } }""")]
    [InlineData("""{ "entryId": "0192f0c1-2345-7abc-8def-0123456789ab", "reason": "x", "cost": { "amount": "99999999999999999999", "currency": "USD" } }""")]
    [InlineData("""{ "entryId": "0192f0c1-2345-7abc-8def-0123456789ab", "reason": "x", "cost": { "amount": "1", "currency": "usd" } }""")]
    [InlineData("""{ "entryId": "0192f0c1-2345-7abc-8def-0123456789ab", "reason": "x", "cost": { "amount": "1", "currency": "XYZ" } }""")]
    [InlineData("""{ "entryId": "0192f0c1-2345-7abc-8def-0123456789ab", "reason": "x", "cost": { "amount": "1", "currency": null } }""")]
    public async Task A_correction_that_says_too_little_or_too_much_is_refused(string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync("/api/admin/usage/corrections", content);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Who_signed_in_long_ago_signs_in_again_first()
    {
        using var stale = application.CreateClientWith(TestToken.Operator with { SignedInAgo = TimeSpan.FromHours(1) });

        using var response = await stale.PostAsJsonAsync("/api/admin/usage/corrections", new { entryId = Guid.CreateVersion7(), inputTokens = 1, reason = "x" });

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private async Task<LedgerEntry> EntryAsync(long inputTokens, string type = LedgerEventTypes.LlmCall)
    {
        var entry = Some.Entry(_account, Guid.CreateVersion7().ToString()) with { InputTokens = inputTokens, Type = type };
        await application.Services.GetRequiredService<LedgerQueue>().AppendAsync([entry]);
        return (await RowsAsync()).Single(row => row.Id == entry.Id);
    }

    private async Task<HttpResponseMessage> CorrectAsync(object body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/admin/usage/corrections") { Content = JsonContent.Create(body) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await _client.SendAsync(request);
    }

    private async Task<List<LedgerEntry>> RowsAsync()
    {
        await using var scope = application.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UsageDbContext>().Ledger.AsNoTracking().Where(row => row.AccountId == _account).ToListAsync();
    }
}
