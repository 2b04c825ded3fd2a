using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Billing.Tests.Shop;

namespace BotGeneric.Billing.Tests.Catalogue;

public sealed class PlanOffersTests(ShopApplication application) : IClassFixture<ShopApplication>
{
    private readonly HttpClient _anybody = application.CreateClient();

    [Fact]
    public async Task Plans_are_listed_in_their_order_without_those_that_are_hidden_or_gone()
    {
        var plans = await _anybody.GetFromJsonAsync<JsonElement>("/api/plans");

        Assert.Equal(["light", "pro", "try", "new", "side"], plans.GetProperty("items").EnumerateArray().Select(plan => plan.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("", null, "Pro")]
    [InlineData("", "ru", "Про")]
    [InlineData("?language=ru", "uk", "Про")]
    [InlineData("?language=en", "ru", "Pro")]
    [InlineData("?language=uk", null, "Pro")]
    public async Task Names_are_in_the_readers_language(string query, string? accepted, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/plans/pro{query}");
        if (accepted is not null)
        {
            request.Headers.AcceptLanguage.ParseAdd(accepted);
        }

        using var answer = await _anybody.SendAsync(request);

        Assert.Equal(name, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("name").GetString());
        Assert.True(answer.Headers.CacheControl!.Public);
        Assert.Contains("Accept-Language", answer.Headers.Vary);
    }

    [Theory]
    [InlineData("", "30.00", "USD")]
    [InlineData("?country=de", "28.00", "EUR")]
    [InlineData("?country=FR", "30.00", "USD")]
    [InlineData("?currency=EUR", "30.00", "USD")]
    [InlineData("?country=DE&currency=USD", "28.00", "EUR")]
    public async Task Prices_are_those_of_the_buyers_country_or_currency(string query, string amount, string currency)
    {
        var plan = await _anybody.GetFromJsonAsync<JsonElement>($"/api/plans/pro{query}");

        var price = plan.GetProperty("prices")[0];
        Assert.Equal(("month", true), (price.GetProperty("interval").GetString(), price.GetProperty("canBeBought").GetBoolean()));
        Assert.Equal((amount, currency), (price.GetProperty("price").GetProperty("amount").GetString(), price.GetProperty("price").GetProperty("currency").GetString()));
        Assert.Equal("year", plan.GetProperty("prices")[1].GetProperty("interval").GetString());
    }

    [Fact]
    public async Task A_plan_whose_price_Paddle_does_not_know_says_that_it_cannot_be_bought()
    {
        var plan = await _anybody.GetFromJsonAsync<JsonElement>("/api/plans/new");

        Assert.False(plan.GetProperty("prices")[0].GetProperty("canBeBought").GetBoolean());
    }

    [Theory]
    [InlineData("/api/plans/secret", HttpStatusCode.OK)]
    [InlineData("/api/plans/gone", HttpStatusCode.NotFound)]
    [InlineData("/api/plans/nothing", HttpStatusCode.NotFound)]
    [InlineData("/api/plans?country=Germany", HttpStatusCode.BadRequest)]
    [InlineData("/api/plans?currency=12", HttpStatusCode.BadRequest)]
    [InlineData("/api/plans?language=de", HttpStatusCode.BadRequest)]
    public async Task What_is_asked_for_is_there_or_refused(string path, HttpStatusCode expected) =>
        Assert.Equal(expected, (await _anybody.GetAsync(path)).StatusCode);
}
