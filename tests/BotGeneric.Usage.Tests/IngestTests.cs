using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BotGeneric.Testing.Services;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Usage.Tests;

/// <summary>What is sent wrongly, too much, or at the same time.</summary>
public sealed class IngestTests(IngestTests.SmallQueue application) : IClassFixture<IngestTests.SmallQueue>
{
    private readonly HttpClient _client = application.CreateOperatorClient();
    private readonly Guid _account = Guid.CreateVersion7();

    public sealed class SmallQueue() : ServiceApplication<Program>("usage")
    {
        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["Usage:MaximumWaiting"] = "1000" };
    }

    [Fact]
    public async Task A_body_of_10_megabytes_is_refused_without_being_read()
    {
        using var endless = new StreamContent(new NeverRead(10 * 1024 * 1024));
        endless.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents-batch+json");

        using var response = await _client.PostAsync("/api/usage/events", endless);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("too-large", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_does_not_say_how_large_it_is_is_read_no_further_than_allowed()
    {
        using var response = await SendAsync(new ByteArrayContent(Encoding.UTF8.GetBytes($"[{new string(' ', 6 * 1024 * 1024)}]")), chunked: true);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Theory]
    [InlineData("[{}")]
    [InlineData("[] []")]
    [InlineData("{} x")]
    [InlineData("[{\"a\": 1,}]")]
    [InlineData("// no\n{}")]
    public async Task What_is_not_json_from_beginning_to_end_is_stored_in_no_part(string body)
    {
        using var response = await SendAsync(new StringContent(body));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Optional_members_are_kept_and_escaped_names_are_understood()
    {
        var (user, hold) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var body = $$"""
            { "specversion": "1.0", "type": "llm.call.v1", "s\u006furce": "t\u0065sts", "id": "1", "subject": "{{_account}}",
              "data": { "userId": "{{user}}", "apiKeyId": "key_1", "channel": "w\u0065b", "holdId": "{{hold}}", "model": null, "inputTokens": 1, "input\u0054okens": 2 } }
            """;

        using var response = await SendAsync(new StringContent('\uFEFF' + body));

        var row = Assert.Single(await RowsAsync());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("tests", user, hold, "key_1", "web", 2L), (row.Source, row.UserId, row.HoldId, row.ApiKeyId, row.Channel, row.InputTokens));
    }

    [Theory]
    [InlineData("\"userId\": \"bob\"", "data.userId")]
    [InlineData("\"holdId\": 5", "data.holdId")]
    [InlineData("\"channel\": \"\"", "data.channel")]
    [InlineData("\"apiKeyId\": {}", "data.apiKeyId")]
    public async Task An_optional_member_that_cannot_be_kept_is_named(string member, string named)
    {
        var body = $$"""{ "specversion": "1.0", "type": "llm.call.v1", "source": "tests", "id": "1", "subject": "{{_account}}", "data": { {{member}} } }""";

        using var response = await SendAsync(new StringContent(body));
        var item = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items")[0];

        Assert.Equal("invalid", item.GetProperty("outcome").GetString());
        Assert.Contains(named, item.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_beyond_what_may_wait_are_refused_for_the_moment_and_nothing_is_lost()
    {
        var ledger = application.Services.GetRequiredService<LedgerQueue>();
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<UsageDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await db.Database.ExecuteSqlAsync($"LOCK TABLE ledger IN SHARE MODE");

        var waiting = ledger.AppendAsync([.. Enumerable.Range(0, 1000).Select(number => Some.Entry(_account, $"e{number}"))]);
        using var refused = await SendAsync(JsonContent.Create(Event("late")));
        await transaction.RollbackAsync();
        await waiting;
        using var repeated = await SendAsync(JsonContent.Create(Event("late")));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)), (refused.StatusCode, refused.Headers.RetryAfter?.Delta));
        Assert.Equal(HttpStatusCode.OK, repeated.StatusCode);
        Assert.Equal(1001, (await RowsAsync()).Count);
    }

    [Fact]
    public async Task A_caller_that_hangs_up_loses_nothing_and_holds_up_nobody()
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<UsageDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await db.Database.ExecuteSqlAsync($"LOCK TABLE ledger IN SHARE MODE");
        var ledger = application.Services.GetRequiredService<LedgerQueue>();
        using var hangingUp = new CancellationTokenSource();

        var gone = _client.PostAsJsonAsync("/api/usage/events", Event("gone"), hangingUp.Token);
        await BotGeneric.Testing.Eventually.GetAsync(() => Task.FromResult(ledger.Waiting), count => count == 1, "the report to wait");
        var other = _client.PostAsJsonAsync("/api/usage/events", Event("other"));
        await hangingUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await transaction.RollbackAsync();

        Assert.Equal(HttpStatusCode.OK, (await other).StatusCode);
        Assert.Equal(["gone", "other"], (await RowsAsync()).Select(row => row.SourceId).Order());
    }

    [Fact]
    public async Task A_report_that_the_database_refuses_takes_no_other_with_it()
    {
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<UsageDbContext>();
        var ledger = application.Services.GetRequiredService<LedgerQueue>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await db.Database.ExecuteSqlAsync($"LOCK TABLE ledger IN SHARE MODE");

        // The first one is alone in its batch; the others gather behind it.
        var first = ledger.AppendAsync([Some.Entry(_account, "first")]);
        var good = ledger.AppendAsync([Some.Entry(_account, "good")]);
        var bad = ledger.AppendAsync([Some.Entry(_account, "bad") with { Source = "\0" }]);
        var alsoGood = ledger.AppendAsync([Some.Entry(_account, "also good")]);
        await transaction.RollbackAsync();

        var stored = await Task.WhenAll(first, good, alsoGood);
        Assert.All(stored, flags => Assert.True(Assert.Single(flags)));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => bad);
        Assert.Equal(3, (await RowsAsync()).Count);
    }

    [Fact]
    public async Task A_batch_of_the_ledger_names_every_entry_of_its_commit()
    {
        using var response = await SendAsync(JsonContent.Create(Enumerable.Range(0, 30).Select(number => Event($"e{number % 20}"))));

        var rows = await RowsAsync();
        Assert.Equal(20, rows.Count);
        var id = Assert.Single(rows.Select(row => row.BatchId).Distinct());
        await using var scope = application.Services.CreateAsyncScope();
        var batch = await scope.ServiceProvider.GetRequiredService<UsageDbContext>().LedgerBatches.AsNoTracking().SingleAsync(row => row.Id == id);
        Assert.Equal(20, batch.Entries);
        Assert.All(rows, row => Assert.Equal(batch.RecordedAt, row.RecordedAt));
    }

    private object Event(string id) => new
    {
        specversion = "1.0",
        type = "llm.call.v1",
        source = "tests",
        id,
        subject = _account,
        data = new { inputTokens = 1 },
    };

    private async Task<HttpResponseMessage> SendAsync(HttpContent content, bool chunked = false)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/usage/events") { Content = content };
        request.Headers.TransferEncodingChunked = chunked;
        return await _client.SendAsync(request);
    }

    private async Task<List<LedgerEntry>> RowsAsync()
    {
        await using var scope = application.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UsageDbContext>().Ledger.AsNoTracking().Where(row => row.AccountId == _account).ToListAsync();
    }

    private sealed class NeverRead(long length) : MemoryStream
    {
        public override long Length => length;

        public override bool CanSeek => true;

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
