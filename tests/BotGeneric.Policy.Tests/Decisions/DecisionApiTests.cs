using System.Net;
using System.Text;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Policy.Compilation;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>The protocol over HTTP: what is answered to good questions and to bad ones.</summary>
public sealed class DecisionApiTests : IClassFixture<DecisionApplication>, IDisposable
{
    private readonly DecisionApplication _application;
    private readonly Guid _account = Guid.CreateVersion7();
    private readonly HttpClient _client;

    public DecisionApiTests(DecisionApplication application)
    {
        _application = application;
        _client = application.CreateClientFor(_account, scopes: [ApiScopes.PolicyAuthorize]);
        Limit(Quota(1_000, Output));
    }

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("""{"feature":"chat","estimate":{"outputTokens":-1}}""", "estimate.outputTokens")]
    [InlineData("""{"feature":"chat","estimate":{"outputTokens":4000000000000001}}""", "estimate.outputTokens")]
    [InlineData("""{"feature":"chat","estimate":{"outputTokens":99999999999999999999}}""", "outputTokens")]
    [InlineData("""{"feature":"chat","estimate":{"outputTokens":1.5}}""", "outputTokens")]
    [InlineData("""{"feature":"chat","estimate":{"outputTokens":"12"}}""", "outputTokens")]
    [InlineData("""{"feature":"chat","estimate":{"cost":{"amount":"0.0000000001","currency":"USD"}}}""", "estimate.cost.amount")]
    [InlineData("""{"feature":"chat","estimate":{"cost":{"amount":"-1","currency":"USD"}}}""", "estimate.cost.amount")]
    [InlineData("""{"feature":"chat","estimate":{"cost":{"amount":"1e3","currency":"USD"}}}""", "estimate.cost.amount")]
    [InlineData("""{"feature":"chat","estimate":{"cost":{"amount":"4000000.000000001","currency":"USD"}}}""", "estimate.cost.amount")]
    [InlineData("""{"feature":"chat","estimate":{"cost":{"amount":"1","currency":"usd"}}}""", "estimate.cost.currency")]
    [InlineData("""{"feature":"chat","estimate":{"cost":{"amount":"1","currency":"XYZ"}}}""", "estimate.cost.currency")]
    [InlineData("""{"feature":"chat","estimate":{"cost":{"amount":"1","currency":"USD"}},"minimum":{"cost":{"amount":"1","currency":"XYZ"}}}""", "minimum.cost.currency")]
    [InlineData("""{"feature":"chat","estimate":{"meters":{"USD":1}}}""", "estimate.meters")]
    [InlineData("""{"feature":"chat","estimate":{"meters":{"images":-1}}}""", "estimate.meters.images")]
    [InlineData("""{"feature":"chat","minimum":{"outputTokens":1}}""", "minimum")]
    [InlineData("""{"feature":"chat","estimate":{"outputTokens":1},"minimum":{"outputTokens":2}}""", "minimum")]
    [InlineData("""{"feature":"chat","surprise":1}""", "surprise")]
    [InlineData("""{"estimate":{"outputTokens":1}}""", "feature")]
    [InlineData("""{"feature":""}""", "feature")]
    [InlineData("""{"feature":"a\u0007"}""", "feature")]
    [InlineData("""{"feature":"chat","ttlSeconds":0}""", "ttlSeconds")]
    [InlineData("""{"feature":"chat","ttlSeconds":3601}""", "ttlSeconds")]
    [InlineData("""{"feature":"chat","user":"0192f0c1-0000-7000-8000-0000000000ff"}""", "user")]
    [InlineData("""{"feature":"chat","subject":"nobody"}""", "subject")]
    public async Task A_question_that_cannot_be_meant_is_refused_by_name_and_takes_nothing(string body, string member)
    {
        var (status, problem) = await PostAsync("authorize", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(member, problem.GetRawText(), StringComparison.Ordinal);
        Assert.Equal((0, 0), await StandingAsync());
    }

    [Fact]
    public async Task A_batch_decides_each_question_by_itself_and_says_what_is_wrong_with_the_others()
    {
        var (status, answer) = await PostAsync(
            "authorize/batch",
            """{"items":[{"feature":"chat","estimate":{"outputTokens":5}},{"feature":"chat","estimate":{"outputTokens":-5}},null,{"feature":"chat","estimate":{"outputTokens":2000}}]}""");

        Assert.Equal(HttpStatusCode.OK, status);
        var items = answer.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal("allow", items[0].GetProperty("decision").GetProperty("decision").GetString());
        Assert.Contains("estimate.outputTokens", items[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(items[2].GetProperty("error").GetString()!);
        Assert.Equal("deny", items[3].GetProperty("decision").GetProperty("decision").GetString());
        Assert.Equal((0, 5), await StandingAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public async Task A_batch_of_none_or_more_than_a_hundred_is_refused_as_a_whole(int count)
    {
        var items = string.Join(',', Enumerable.Repeat("""{"feature":"chat","estimate":{"outputTokens":1}}""", count));

        var (status, _) = await PostAsync("authorize/batch", $$"""{"items":[{{items}}]}""");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal((0, 0), await StandingAsync());
    }

    [Fact]
    public async Task A_batch_without_questions_is_refused() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("authorize/batch", """{"items":null}""")).Status);

    // The test server has no sockets and enforces no sizes; the real one reads this metadata.
    [Fact]
    public void Every_body_has_a_largest_size()
    {
        var endpoints = _application.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText is { } path && (path.Contains("/policy/authorize", StringComparison.Ordinal) || path.Contains("/policy/holds", StringComparison.Ordinal)))
            .ToList();

        Assert.Equal(5, endpoints.Count);
        Assert.All(endpoints, endpoint => Assert.InRange(endpoint.Metadata.GetRequiredMetadata<IRequestSizeLimitMetadata>().MaxRequestBodySize ?? long.MaxValue, 1, 512 * 1024));
    }

    [Fact]
    public async Task A_person_asks_for_nobody_else_and_a_service_names_whom_it_asks_for()
    {
        var question = $$$"""{"subject":"{{{_account}}}","feature":"chat","estimate":{"outputTokens":7}}""";
        using var stranger = _application.CreateClientFor(Guid.CreateVersion7(), scopes: [ApiScopes.PolicyAuthorize]);
        using var unscoped = _application.CreateClientFor(_account, scopes: [ApiScopes.PolicyRead]);
        using var service = _application.CreateClientWith(new TestToken { Subject = "agents", ClientId = "agents", Scopes = [ApiScopes.PolicyAuthorize] });

        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("authorize", question, stranger)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync("authorize", question, unscoped)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("authorize", """{"feature":"chat"}""", service)).Status);
        Assert.Equal((0, 0), await StandingAsync());
        var (status, answer) = await PostAsync("authorize", question, service);

        Assert.Equal((HttpStatusCode.OK, "allow"), (status, answer.GetProperty("decision").GetString()));
        Assert.Equal((0, 7), await StandingAsync());
        var hold = answer.GetProperty("holdId").GetGuid();
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync($"holds/{hold}/release", $$"""{"subject":"{{_account}}"}""", stranger)).Status);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync($"holds/{hold}/release", $$"""{"subject":"{{_account}}"}""", service)).Status);
        Assert.Equal((0, 0), await StandingAsync());
    }

    [Theory]
    [InlineData("\"alice\"")]
    [InlineData("\"00000000-0000-0000-0000-000000000000\"")]
    [InlineData("5")]
    public async Task A_subject_that_can_be_no_account_is_refused_and_counts_for_nobody(string subject)
    {
        using var service = _application.CreateClientWith(new TestToken { Subject = "agents", ClientId = "agents", Scopes = [ApiScopes.PolicyAuthorize] });

        var (status, problem) = await PostAsync("authorize", $$$"""{"subject":{{{subject}}},"feature":"chat","estimate":{"outputTokens":7}}""", service);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("subject", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_elses_hold_is_no_hold()
    {
        var hold = await HoldAsync(50);
        using var stranger = _application.CreateClientFor(Guid.CreateVersion7(), scopes: [ApiScopes.PolicyAuthorize]);

        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync($"holds/{hold}/commit", """{"actual":{"outputTokens":1}}""", stranger)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync($"holds/{hold}/extend", "{}", stranger)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync($"holds/{hold}/extend", """{"estimate":{"outputTokens":1}}""", stranger)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync($"holds/{hold}/release", "{}", stranger)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync($"holds/{Guid.CreateVersion7()}/commit", "{}")).Status);
        Assert.Equal((0, 50), await StandingAsync());
    }

    [Fact]
    public async Task A_commit_is_answered_alike_when_repeated_and_refused_with_other_numbers()
    {
        var hold = await HoldAsync(50);

        var first = await PostAsync($"holds/{hold}/commit", """{"actual":{"outputTokens":20},"eventId":"e1"}""");
        var again = await PostAsync($"holds/{hold}/commit", """{"actual":{"outputTokens":20},"eventId":"e1"}""");
        var other = await PostAsync($"holds/{hold}/commit", """{"actual":{"outputTokens":21},"eventId":"e1"}""");
        var otherEvent = await PostAsync($"holds/{hold}/commit", """{"actual":{"outputTokens":20},"eventId":"e2"}""");
        var released = await PostAsync($"holds/{hold}/release", "{}");
        var extended = await PostAsync($"holds/{hold}/extend", """{"estimate":{"outputTokens":1}}""");

        Assert.Equal("committed", first.Body.GetProperty("state").GetString());
        Assert.True(again.Body.GetProperty("repeated").GetBoolean());
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict],
            new[] { first.Status, again.Status, other.Status, otherEvent.Status, released.Status, extended.Status });
        Assert.Equal((20, 0), await StandingAsync());
    }

    [Fact]
    public async Task A_commit_after_a_release_is_refused_and_counts_nothing()
    {
        var hold = await HoldAsync(50);
        await PostAsync($"holds/{hold}/release", "{}");

        var (status, problem) = await PostAsync($"holds/{hold}/commit", """{"actual":{"outputTokens":20}}""");

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("released", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal((0, 0), await StandingAsync());
    }

    [Theory]
    [InlineData("""{"actual":{"outputTokens":-1}}""")]
    [InlineData("""{"actual":{"outputTokens":4000000000000001}}""")]
    [InlineData("""{"actual":{"cost":{"amount":"0.0000000001","currency":"USD"}}}""")]
    [InlineData("""{"actual":{"cost":{"amount":"1","currency":"XYZ"}}}""")]
    [InlineData("""{"eventId":""}""")]
    [InlineData("""{"ttlSeconds":0,"final":false}""")]
    [InlineData("""{"amount":1}""")]
    public async Task A_commit_that_cannot_be_meant_is_refused_and_the_hold_goes_on(string body)
    {
        var hold = await HoldAsync(50);

        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync($"holds/{hold}/commit", body)).Status);
        Assert.Equal((0, 50), await StandingAsync());
    }

    [Fact]
    public async Task A_stream_is_committed_in_parts_enlarged_and_never_for_less_than_before()
    {
        var hold = await HoldAsync(50);

        var part = await PostAsync($"holds/{hold}/commit", """{"actual":{"outputTokens":30},"final":false,"ttlSeconds":60}""");
        var less = await PostAsync($"holds/{hold}/commit", """{"actual":{"outputTokens":29},"final":false}""");
        var enlarged = await PostAsync($"holds/{hold}/extend", """{"estimate":{"outputTokens":950}}""");
        var refused = await PostAsync($"holds/{hold}/extend", """{"estimate":{"outputTokens":1}}""");

        Assert.Equal("held", part.Body.GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.Conflict, less.Status);
        Assert.Equal("allow", enlarged.Body.GetProperty("decision").GetString());
        Assert.Equal("deny", refused.Body.GetProperty("decision").GetString());
        Assert.Equal((30, 970), await StandingAsync());
    }

    [Fact]
    public async Task A_refusal_says_why_in_three_languages_when_it_ends_and_where_to_buy_more()
    {
        var hold = await HoldAsync(1_000);
        await PostAsync($"holds/{hold}/commit", """{"actual":{"outputTokens":1000}}""");

        var (status, answer) = await PostAsync("authorize", """{"feature":"chat","estimate":{"outputTokens":1}}""");

        Assert.Equal((HttpStatusCode.OK, "deny"), (status, answer.GetProperty("decision").GetString()));
        var reason = answer.GetProperty("reason");
        var message = reason.GetProperty("message");
        Assert.Equal("quota_exhausted", reason.GetProperty("code").GetString());
        Assert.Equal(3, new[] { "en", "ru", "uk" }.Select(language => message.GetProperty(language).GetString()).Distinct().Count());
        Assert.Contains("1,000", message.GetProperty("en").GetString(), StringComparison.Ordinal);
        Assert.Equal("/pricing", reason.GetProperty("upgrade").GetString());
        Assert.Equal("Plan:llm.output_tokens:Day", reason.GetProperty("limit").GetString());
        Assert.True(reason.GetProperty("resetsAt").GetDateTimeOffset() > DateTimeOffset.UtcNow);
        var line = Assert.Single(answer.GetProperty("limits").EnumerateArray());
        Assert.True(line.GetProperty("exceeded").GetBoolean());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("holdId").ValueKind);
    }

    [Fact]
    public async Task What_a_service_holds_only_services_settle()
    {
        using var service = _application.CreateClientWith(new TestToken { Subject = "agents", ClientId = "agents", Scopes = [ApiScopes.PolicyAuthorize] });
        var (_, answer) = await PostAsync("authorize", $$$"""{"subject":"{{{_account}}}","feature":"chat","estimate":{"outputTokens":7}}""", service);
        var hold = answer.GetProperty("holdId").GetGuid();

        foreach (var (path, body) in new[]
        {
            ("commit", """{"actual":{"outputTokens":900}}"""), ("release", "{}"), ("extend", "{}"), ("extend", """{"estimate":{"outputTokens":1}}"""),
        })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await PostAsync($"holds/{hold}/{path}", body)).Status);
        }

        Assert.Equal((0, 7), await StandingAsync());
        var (status, _) = await PostAsync($"holds/{hold}/commit", $$$"""{"subject":"{{{_account}}}","actual":{"outputTokens":5}}""", service);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((5, 0), await StandingAsync());
    }

    [Fact]
    public async Task Money_is_decimal_text_to_the_last_digit()
    {
        Limit(Quota(1_000_000_000, "USD", LimitWindowKind.Month));

        var (_, answer) = await PostAsync("authorize", """{"feature":"chat","estimate":{"cost":{"amount":"0.000000001","currency":"USD"}}}""");

        Assert.Equal("0.000000001", answer.GetProperty("granted").GetProperty("cost").GetProperty("amount").GetString());
        var line = Assert.Single(answer.GetProperty("limits").EnumerateArray());
        Assert.Equal(("1", "0.000000001", "0.999999999"), (line.GetProperty("limit").GetString(), line.GetProperty("held").GetString(), line.GetProperty("remaining").GetString()));
    }

    private void Limit(params CompiledLimit[] limits) =>
        _application.Accounts.Set(_account, subject => new CompiledAccount { Subject = subject, Limits = limits });

    private async Task<Guid> HoldAsync(long tokens) =>
        (await PostAsync("authorize", $$$"""{"feature":"chat","estimate":{"outputTokens":{{{tokens}}}}}""")).Body.GetProperty("holdId").GetGuid();

    private async Task<(long Used, long Held)> StandingAsync()
    {
        var (_, answer) = await PostAsync("authorize", """{"feature":"chat","estimate":{"requests":0}}""");
        var line = Assert.Single(answer.GetProperty("limits").EnumerateArray());
        return (line.GetProperty("used").GetInt64(), line.GetProperty("held").GetInt64());
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string body, HttpClient? client = null)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await (client ?? _client).PostAsync(new Uri($"/api/policy/{path}", UriKind.Relative), content);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }
}
