namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>Products, prices, customers, and what they cost where.</summary>
public sealed class CatalogueTests : IAsyncLifetime
{
    private PaddleSimulatorHost _paddle = null!;

    public async Task InitializeAsync() => _paddle = await PaddleSimulatorHost.StartAsync();

    public async Task DisposeAsync() => await _paddle.DisposeAsync();

    [Fact]
    public async Task The_price_of_the_development_plan_is_on_sale_at_the_start()
    {
        var products = await _paddle.DataAsync(HttpMethod.Get, "products?include=prices");

        Assert.Equal(PaddleSimulatorHost.MonthlyPrice, (string)products[0]!["prices"]![0]!["id"]!);
    }

    [Fact]
    public async Task A_price_is_sold_100_times_at_once_unless_it_says_otherwise()
    {
        var price = await _paddle.PriceAsync("1000");

        Assert.Equal(100, (int)(await _paddle.DataAsync(HttpMethod.Get, $"prices/{price}"))["quantity"]!["maximum"]!);
        Assert.Equal("transaction_item_quantity_out_of_range", await _paddle.RefusedAsync(HttpMethod.Post, "transactions", Items(price, 101)));
    }

    [Fact]
    public async Task An_archived_price_is_listed_only_when_asked_for_and_not_sold()
    {
        var price = await _paddle.PriceAsync("1000");
        await _paddle.DataAsync(HttpMethod.Patch, $"prices/{price}", new { status = "archived" });

        Assert.DoesNotContain(price, Ids(await _paddle.DataAsync(HttpMethod.Get, "prices")));
        Assert.Contains(price, Ids(await _paddle.DataAsync(HttpMethod.Get, "prices?status=archived")));
        Assert.Equal("entity_archived", await _paddle.RefusedAsync(HttpMethod.Post, "transactions", Items(price)));
        Assert.Equal("entity_archived", await _paddle.RefusedAsync(HttpMethod.Patch, $"prices/{price}", new { name = "x" }));
    }

    [Theory]
    [InlineData("""{"trial_period":{"interval":"day","frequency":7}}""", "price_trial_period_requires_billing_cycle")]
    [InlineData("""{"unit_price_overrides":[{"country_codes":["GB"],"unit_price":{"amount":"1","currency_code":"GBP"}},{"country_codes":["GB"],"unit_price":{"amount":"2","currency_code":"GBP"}}]}""", "price_duplicate_currency_override_for_country")]
    [InlineData("""{"unit_price":{"amount":"10.00","currency_code":"USD"}}""", "invalid_field")]
    [InlineData("""{"unit_price":{"amount":"1000","currency_code":"XXX"}}""", "invalid_field")]
    [InlineData("""{"billing_cycle":{"interval":"decade","frequency":1}}""", "invalid_field")]
    public async Task A_price_that_makes_no_sense_is_refused(string change, string code)
    {
        var price = await _paddle.PriceAsync("1000", interval: null);

        Assert.Equal(code, await _paddle.RefusedAsync(HttpMethod.Patch, $"prices/{price}", change));
    }

    [Fact]
    public async Task A_subscription_keeps_the_price_that_it_was_bought_for()
    {
        var price = await _paddle.PriceAsync("1000");
        var bought = await _paddle.BuyAsync(price);
        await _paddle.DataAsync(HttpMethod.Patch, $"prices/{price}", new { unit_price = new { amount = "9900", currency_code = "USD" } });

        var subscription = await _paddle.DataAsync(HttpMethod.Get, $"subscriptions/{bought.Subscription}?include=next_transaction");

        Assert.Equal("1000", (string)subscription["items"]![0]!["price"]!["unit_price"]!["amount"]!);
        Assert.Equal("1000", (string)subscription["next_transaction"]!["details"]!["totals"]!["total"]!);
    }

    [Fact]
    public async Task A_country_may_have_a_price_and_a_currency_of_its_own()
    {
        var price = await _paddle.PriceAsync("1000", overrides: new[] { new { country_codes = new[] { "JP" }, unit_price = new { amount = "1500", currency_code = "JPY" } } });

        var totals = (await _paddle.DataAsync(HttpMethod.Get, $"transactions/{(await _paddle.BuyAsync(price, "JP")).Transaction}"))["details"]!["totals"]!;

        Assert.Equal(("JPY", "1500"), ((string)totals["currency_code"]!, (string)totals["total"]!));
        Assert.Equal(1500, long.Parse((string)totals["subtotal"]!, null) + long.Parse((string)totals["tax"]!, null));
    }

    [Fact]
    public async Task Yen_have_no_decimals_when_they_are_converted()
    {
        var transaction = await _paddle.DataAsync(HttpMethod.Post, "transactions", new
        {
            items = new[] { new { price_id = PaddleSimulatorHost.MonthlyPrice, quantity = 1 } },
            currency_code = "JPY",
        });

        Assert.Equal("4500", (string)transaction["details"]!["totals"]!["total"]!);
        var currencies = (await _paddle.DataAsync(HttpMethod.Get, "currencies")).AsArray();
        Assert.Equal(33, currencies.Count);
        Assert.Equal(["CLP", "JPY", "KRW", "VND"], currencies.Where(currency => (int)currency!["decimal_places"]! == 0).Select(currency => (string)currency!["code"]!).Order());
    }

    [Fact]
    public async Task A_page_of_prices_shows_what_somebody_somewhere_pays()
    {
        var preview = await _paddle.DataAsync(HttpMethod.Post, "pricing-preview", new
        {
            items = new[] { new { price_id = PaddleSimulatorHost.MonthlyPrice, quantity = 1 }, new { price_id = await _paddle.PriceAsync("30000", interval: "year"), quantity = 1 } },
            address = new { country_code = "GB" },
        });

        var line = preview["details"]!["line_items"]![0]!;
        Assert.Equal("0.2", (string)line["tax_rate"]!);
        Assert.Equal(("2500", "500", "3000"), ((string)line["totals"]!["subtotal"]!, (string)line["totals"]!["tax"]!, (string)line["totals"]!["total"]!));
        Assert.Equal("$30.00", (string)line["formatted_totals"]!["total"]!);
    }

    [Fact]
    public async Task An_address_belongs_to_one_customer_also_when_archived()
    {
        var customer = (string)(await _paddle.DataAsync(HttpMethod.Post, "customers", new { email = "Anna@example.com" }))["id"]!;
        await _paddle.DataAsync(HttpMethod.Patch, $"customers/{customer}", new { status = "archived" });

        Assert.Equal("customer_already_exists", await _paddle.RefusedAsync(HttpMethod.Post, "customers", new { email = "anna@example.com" }, status: 409));
        Assert.Empty((await _paddle.DataAsync(HttpMethod.Get, "customers?email=anna@example.com")).AsArray());
        Assert.Equal(customer, Ids(await _paddle.DataAsync(HttpMethod.Get, "customers?email=anna@example.com&status=active,archived")).Single());
    }

    private static object Items(string price, int quantity = 1) => new { items = new[] { new { price_id = price, quantity } } };

    private static IEnumerable<string> Ids(System.Text.Json.Nodes.JsonNode list) => list.AsArray().Select(item => (string)item!["id"]!);
}
