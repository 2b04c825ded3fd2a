using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>What every call of the API has to observe.</summary>
public sealed class ApiRulesTests : IAsyncLifetime
{
    private PaddleSimulatorHost _paddle = null!;

    public async Task InitializeAsync() => _paddle = await PaddleSimulatorHost.StartAsync(("Paddle:RequestsPerMinute", "25"));

    public async Task DisposeAsync() => await _paddle.DisposeAsync();

    [Theory]
    [InlineData(null, "authentication_missing")]
    [InlineData("Basic abc", "authentication_malformed")]
    [InlineData("Bearer pdl_sdbx_apikey_short", "authentication_malformed")]
    [InlineData("Bearer pdl_sdbx_apikey_01gtgztp8f4kek3yd4g1wrksa3_q6TGTJyvoIz7LDtXT65bX7_XXX", "invalid_token")]
    [InlineData("Bearer pdl_live_apikey_01gtgztp8f4kek3yd4g1wrksa3_q6TGTJyvoIz7LDtXT65bX7_AQO", "invalid_token")]
    public async Task A_call_without_the_key_is_refused(string? authorization, string code)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/paddle/api/products");
        request.Headers.Add("Paddle-Version", "1");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);

        using var response = await _paddle.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        var json = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(code, (string)json["error"]!["code"]!);
        Assert.Equal("request_error", (string)json["error"]!["type"]!);
        Assert.NotNull((string?)json["error"]!["documentation_url"]);
        Assert.NotNull((string?)json["meta"]!["request_id"]);
    }

    [Fact]
    public async Task A_call_without_the_version_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/paddle/api/products");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", PaddleSimulatorHost.ApiKey);

        using var response = await _paddle.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Too_many_calls_are_told_when_to_come_back()
    {
        for (var count = 0; count < 25; count++)
        {
            Assert.Equal(HttpStatusCode.OK, (await _paddle.CallAsync(HttpMethod.Get, "ips")).Status);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, "/paddle/api/ips");
        using var refused = await _paddle.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        var wait = refused.Headers.RetryAfter!.Delta!.Value;
        Assert.InRange(wait, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

        _paddle.Clock.Advance(wait);

        Assert.Equal(HttpStatusCode.OK, (await _paddle.CallAsync(HttpMethod.Get, "ips")).Status);
    }

    [Fact]
    public async Task Every_wrong_field_is_named()
    {
        var (status, json) = await _paddle.CallAsync(HttpMethod.Post, "products", new { tax_category = "magic", colour = "red" });

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid_field", (string)json["error"]!["code"]!);
        Assert.Equal(["colour", "name", "tax_category"], json["error"]!["errors"]!.AsArray().Select(error => (string)error!["field"]!).Order());
    }

    [Theory]
    [InlineData("{", "invalid_json")]
    [InlineData("[]", "invalid_json")]
    [InlineData("""{"name":"a","name":"b"}""", "invalid_json")]
    public async Task A_body_that_is_no_object_is_refused(string body, string code) =>
        Assert.Equal(code, await _paddle.RefusedAsync(HttpMethod.Post, "products", body));

    [Theory]
    [InlineData("products?status=active&colour=red")]
    [InlineData("transactions?updated_at[GT]=yesterday")]
    [InlineData("transactions?per_page=31")]
    [InlineData("adjustments?per_page=51")]
    [InlineData("customers?per_page=201")]
    [InlineData("subscriptions?order_by=colour[ASC]")]
    public async Task A_query_that_makes_no_sense_is_refused(string path) => Assert.Equal("invalid_field", await _paddle.RefusedAsync(HttpMethod.Get, path));

    [Theory]
    [InlineData("transactions", 30)]
    [InlineData("adjustments", 10)]
    [InlineData("subscriptions", 50)]
    [InlineData("events", 50)]
    public async Task A_page_has_the_documented_size(string path, int size)
    {
        var (_, json) = await _paddle.CallAsync(HttpMethod.Get, path);

        Assert.Equal(size, (int)json["meta"]!["pagination"]!["per_page"]!);
        Assert.False((bool)json["meta"]!["pagination"]!["has_more"]!);
        Assert.NotNull((string?)json["meta"]!["pagination"]!["next"]);
    }

    [Fact]
    public async Task Pages_follow_one_another_without_gap_or_repetition()
    {
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            await _paddle.DataAsync(HttpMethod.Post, "customers", new { email = $"{name}@example.com" });
        }

        var seen = new List<string>();
        var path = "customers?per_page=3&order_by=id[ASC]";
        while (true)
        {
            var (_, json) = await _paddle.CallAsync(HttpMethod.Get, path);
            seen.AddRange(json["data"]!.AsArray().Select(customer => (string)customer!["email"]!));
            var pagination = json["meta"]!["pagination"]!;
            Assert.Equal(4, (int)pagination["estimated_total"]!);
            path = ((string)pagination["next"]!).Split("/paddle/api/")[1];
            if (!(bool)pagination["has_more"]!)
            {
                break;
            }
        }

        Assert.Equal(["a@example.com", "b@example.com", "c@example.com", "d@example.com"], seen);
        // Also behind the end there is a next page: an empty one.
        var (status, empty) = await _paddle.CallAsync(HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Empty(empty["data"]!.AsArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("nothing")]
    [InlineData("products/pro_unknown/parts")]
    public async Task An_unknown_address_is_answered_as_paddle_does(string path) =>
        Assert.Equal("invalid_url", await _paddle.RefusedAsync(HttpMethod.Get, path, status: 404));

    [Theory]
    [InlineData("products/pro_01gsz4t5hdjse780zja8vvr7zz")]
    [InlineData("transactions/txn_01gsz4t5hdjse780zja8vvr7zz")]
    [InlineData("subscriptions/sub_01gsz4t5hdjse780zja8vvr7zz")]
    public async Task An_unknown_entity_is_not_found(string path) => Assert.Equal("not_found", await _paddle.RefusedAsync(HttpMethod.Get, path, status: 404));
}
