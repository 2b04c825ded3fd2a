using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace BotGeneric.Billing.Tests;

public sealed class PlansTests(BillingApplication application) : IClassFixture<BillingApplication>
{
    private readonly HttpClient _client = application.CreateOperatorClient();

    [Fact]
    public async Task The_configured_plan_is_there_from_the_start()
    {
        var plans = await _client.GetFromJsonAsync<JsonElement>("/api/plans");

        var pro = plans.GetProperty("items").EnumerateArray().Single(plan => plan.GetProperty("code").GetString() == "pro");
        Assert.Equal(1000, pro.GetProperty("entitlements")[0].GetProperty("limit").GetInt64());
    }

    [Fact]
    public async Task A_change_makes_the_next_version_and_its_repetition_none()
    {
        var first = await PutAsync("crew", Terms(limit: 10, price: "pri_crew"));
        var changed = await PutAsync("crew", Terms(limit: 20, price: "pri_crew"));
        var repeated = await PutAsync("crew", Terms(limit: 20, price: "pri_crew"));

        Assert.Equal([1, 2, 2], new[] { first, changed, repeated }.Select(plan => plan.GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task A_price_sells_one_plan_only()
    {
        await PutAsync("one", Terms(limit: 1, price: "pri_shared"));

        var answer = await _client.PutAsJsonAsync("/api/admin/plans/two", Terms(limit: 1, price: "pri_shared"));

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("'one'", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Pro Plan", "llm.requests", "day", 1, "pri_1", "code")]
    [InlineData("ok", "llm.words", "day", 1, "pri_2", "entitlements[0]")]
    [InlineData("ok", "llm.requests", "week", 1, "pri_3", "entitlements[0]")]
    [InlineData("ok", "llm.requests", "day", -1, "pri_4", "entitlements[0]")]
    [InlineData("ok", "llm.requests", "day", 1, "prod_5", "prices[0].paddlePriceId")]
    public async Task A_plan_that_breaks_a_rule_is_refused_by_the_name_of_the_field(
        string code, string meter, string window, long limit, string price, string field)
    {
        var answer = await _client.PutAsJsonAsync($"/api/admin/plans/{Uri.EscapeDataString(code)}", Terms(limit, price, meter, window));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty(field, out _));
    }

    [Theory]
    [InlineData("\"features\": [null]", "features[0].en")]
    [InlineData("\"entitlements\": [null]", "entitlements[0]")]
    [InlineData("\"prices\": [null]", "prices[0]")]
    [InlineData("\"prices\": [{ \"amount\": 1, \"currency\": \"USD\", \"overrides\": [null] }]", "prices[0].overrides[0]")]
    [InlineData("\"prices\": [{ \"amount\": 1, \"currency\": \"USD\", \"overrides\": [{ \"countries\": [null], \"amount\": 1, \"currency\": \"EUR\" }] }]", "prices[0].overrides[0].countries")]
    public async Task Nothing_in_a_list_is_refused_by_its_place(string member, string field)
    {
        using var body = new StringContent($"{{ \"name\": {{ \"en\": \"Crew\" }}, {member} }}", Encoding.UTF8, "application/json");

        var answer = await _client.PutAsync("/api/admin/plans/crew-of-nobody", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty(field, out _));
    }

    [Fact]
    public async Task Without_a_webhook_secret_the_service_does_not_start()
    {
        await using var broken = application.WithWebHostBuilder(builder => builder.UseSetting("Paddle:WebhookSecrets:0", " "));

        var failure = Assert.ThrowsAny<Exception>(() => broken.CreateClient());

        Assert.Contains("Paddle:WebhookSecrets", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("only-31-bytes-0123456789-012345")]
    public async Task Without_a_key_for_references_the_service_does_not_start(string key)
    {
        await using var broken = application.WithWebHostBuilder(builder => builder.UseSetting("Billing:ReferenceKeys:0", key));

        var failure = Assert.ThrowsAny<Exception>(() => broken.CreateClient());

        Assert.Contains("Billing:ReferenceKeys", failure.ToString(), StringComparison.Ordinal);
    }

    private static object Terms(long limit, string price, string meter = "llm.requests", string window = "day") => new
    {
        name = new { en = "A plan" },
        entitlements = new[] { new { meter, window, limit } },
        prices = new[] { new { amount = 9.99m, currency = "USD", paddlePriceId = price } },
    };

    private async Task<JsonElement> PutAsync(string code, object terms)
    {
        var answer = await _client.PutAsJsonAsync($"/api/admin/plans/{code}", terms);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
