using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BotGeneric.Policy.WhatIf;
using BotGeneric.Testing.Services;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Policy.Tests;

/// <summary>An admin asks what a draft would have refused.</summary>
public sealed class WhatIfTests(WhatIfTests.Application application) : IClassFixture<WhatIfTests.Application>
{
    private static readonly Guid First = Guid.CreateVersion7();
    private static readonly Guid Second = Guid.CreateVersion7();

    private readonly HttpClient _client = application.CreateOperatorClient();

    [Fact]
    public async Task It_says_who_would_have_been_refused_when_and_by_what_in_the_admins_own_name()
    {
        application.Usage.Answer = _ => Ok(string.Join('\n', Line(First, 0), Line(Second, 1), Line(First, 2), Line(First, 3), ""));

        var answer = await AskAsync(HttpStatusCode.OK);

        Assert.Equal(("complete", 4, 2, 1), (answer.GetProperty("end").GetString(), answer.GetProperty("calls").GetInt32(), answer.GetProperty("refused").GetInt32(), answer.GetProperty("refusedAccounts").GetInt32()));
        var account = Assert.Single(answer.GetProperty("accounts").EnumerateArray());
        Assert.Equal((First, 3, 2), (account.GetProperty("account").GetGuid(), account.GetProperty("calls").GetInt32(), account.GetProperty("refused").GetInt32()));
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 2, TimeSpan.Zero), account.GetProperty("first").GetDateTimeOffset());
        Assert.Equal("daily", Assert.Single(answer.GetProperty("limits").EnumerateArray()).GetProperty("limit").GetString());
        Assert.Equal(["many", "pictures"], answer.GetProperty("notJudged").EnumerateArray().Select(limit => limit.GetProperty("limit").GetString()));
        Assert.StartsWith("Bearer ey", application.Usage.Authorization, StringComparison.Ordinal);
        Assert.Contains("from=2026-01-01T00%3A00%3A00.0000000%2B00%3A00&to=2026-01-31", application.Usage.Query, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, "")]
    [InlineData(HttpStatusCode.OK, "no json\n")]
    [InlineData(HttpStatusCode.OK, "{}\n")]
    public async Task When_usage_cannot_be_read_it_says_so(HttpStatusCode status, string body)
    {
        application.Usage.Answer = _ => new HttpResponseMessage(status) { Content = new StringContent(body) };
        await AskAsync(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task After_the_time_for_it_the_answer_says_how_far_it_came()
    {
        application.Usage.Answer = _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new Stalling(Line(First, 0) + "\n")) };

        var answer = await AskAsync(HttpStatusCode.OK);

        Assert.Equal(("timeLimit", 1), (answer.GetProperty("end").GetString(), answer.GetProperty("calls").GetInt32()));
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), answer.GetProperty("judgedUntil").GetDateTimeOffset());
    }

    [Fact]
    public async Task A_draft_that_contradicts_itself_or_a_time_that_is_too_long_is_refused()
    {
        using var wrong = await _client.PostAsJsonAsync("/api/admin/policies/what-if", new { from = "2026-01-01T00:00:00Z", to = "2026-03-01T00:00:00Z", scope = "plan", document = new { } });
        var errors = (await wrong.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject().Select(error => error.Name);
        Assert.Equal((HttpStatusCode.BadRequest, "/to,/document"), (wrong.StatusCode, string.Join(',', errors)));
    }

    private async Task<JsonElement> AskAsync(HttpStatusCode expected)
    {
        using var answer = await _client.PostAsJsonAsync("/api/admin/policies/what-if", new
        {
            from = "2026-01-01T00:00:00Z",
            to = "2026-01-31T00:00:00Z",
            scope = "plan",
            document = new
            {
                limits = new object[]
                {
                    new { code = "daily", kind = "quota", unit = "llm.requests", maximum = "1", window = "day" },
                    new { code = "many", kind = "concurrency", unit = "calls", maximum = "1" },
                    new { code = "pictures", kind = "quota", unit = "images", maximum = "1", window = "day" },
                },
            },
        });
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(expected == answer.StatusCode, $"{answer.StatusCode}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private static HttpResponseMessage Ok(string body) => new(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/x-ndjson") };

    // As Usage writes them.
    private static string Line(Guid account, int second) => JsonSerializer.Serialize(new
    {
        accountId = account,
        entry = new
        {
            id = Guid.CreateVersion7(),
            type = "llm.call.v1",
            source = "tests",
            sourceId = $"{second}",
            time = $"2026-01-01T00:00:{second:00}+00:00",
            recordedAt = "2026-01-01T00:00:00+00:00",
            userId = (Guid?)null,
            feature = "chat",
            requests = 1,
            inputTokens = 5,
            cachedInputTokens = 0,
            cacheWriteTokens = 0,
            outputTokens = 1,
            reasoningTokens = 0,
            cost = new { amount = "0.0012", currency = "USD" },
            correctsEntryId = (Guid?)null,
        },
    });

    public sealed class Application() : ServiceApplication<Program>("policy")
    {
        internal UsageStandIn Usage { get; } = new();

        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["Policy:WhatIf:TimeLimit"] = "00:00:10" };

        protected override void ConfigureServices(IServiceCollection services) =>
            services.AddHttpClient<UsageLedgerClient>().ConfigurePrimaryHttpMessageHandler(() => Usage);
    }

    internal sealed class UsageStandIn : HttpMessageHandler
    {
        public Func<HttpRequestMessage, HttpResponseMessage> Answer { get; set; } = _ => new HttpResponseMessage(HttpStatusCode.NotFound);

        public string Authorization { get; private set; } = string.Empty;

        public string Query { get; private set; } = string.Empty;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            (Authorization, Query) = (request.Headers.Authorization?.ToString() ?? string.Empty, request.RequestUri!.Query);
            return Task.FromResult(Answer(request));
        }

        // One for all requests: the factory must not dispose of it.
        protected override void Dispose(bool disposing)
        {
        }
    }

    // Says its text and then nothing, until nobody waits any more.
    private sealed class Stalling(string text) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return read;
        }
    }
}
