using System.Globalization;
using System.Net;

namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>Transactions before they are paid, and how they are found again.</summary>
public sealed class TransactionTests : IAsyncLifetime
{
    private PaddleSimulatorHost _paddle = null!;

    public async Task InitializeAsync() => _paddle = await PaddleSimulatorHost.StartAsync(("Paddle:Checkout:ApprovedDomains:0", "shop.example"));

    public async Task DisposeAsync() => await _paddle.DisposeAsync();

    [Fact]
    public async Task A_transaction_with_customer_and_address_is_ready()
    {
        var customer = (string)(await _paddle.DataAsync(HttpMethod.Post, "customers", new { email = "a@example.com" }))["id"]!;
        var address = (string)(await _paddle.DataAsync(HttpMethod.Post, $"customers/{customer}/addresses", new { country_code = "DE" }))["id"]!;
        await _paddle.DeliveredAsync();

        var transaction = await _paddle.DataAsync(HttpMethod.Post, "transactions", New(customer_id: customer, address_id: address));

        Assert.Equal(("ready", "api"), ((string)transaction["status"]!, (string)transaction["origin"]!));
        Assert.Equal("479", (string)transaction["details"]!["totals"]!["tax"]!);
        Assert.Equal(["transaction.created", "transaction.ready"], await _paddle.EventsAsync());
    }

    [Fact]
    public async Task A_paid_transaction_cannot_be_changed()
    {
        var bought = await _paddle.BuyAsync();

        Assert.Equal("transaction_immutable", await _paddle.RefusedAsync(HttpMethod.Patch, $"transactions/{bought.Transaction}", new { custom_data = new { a = 1 } }));
    }

    [Fact]
    public async Task A_draft_can_be_changed_and_canceled_but_not_both()
    {
        var id = (string)(await _paddle.DataAsync(HttpMethod.Post, "transactions", New()))["id"]!;

        var changed = await _paddle.DataAsync(HttpMethod.Patch, $"transactions/{id}", new { items = new[] { new { price_id = PaddleSimulatorHost.MonthlyPrice, quantity = 3 } } });
        var code = await _paddle.RefusedAsync(HttpMethod.Patch, $"transactions/{id}", new { status = "canceled", custom_data = new { a = 1 } });
        var canceled = await _paddle.DataAsync(HttpMethod.Patch, $"transactions/{id}", new { status = "canceled" });

        Assert.Equal("9000", (string)changed["details"]!["totals"]!["total"]!);
        Assert.Equal("transaction_cannot_be_modified_and_canceled", code);
        Assert.Equal("canceled", (string)canceled["status"]!);
        Assert.Equal("transaction_immutable", await _paddle.RefusedAsync(HttpMethod.Patch, $"transactions/{id}", new { status = "canceled" }));
    }

    [Fact]
    public async Task Recurring_items_must_go_together()
    {
        var (yearly, trial) = (await _paddle.PriceAsync("9000", interval: "year"), await _paddle.PriceAsync("900", trialDays: 7));

        Assert.Equal("transaction_price_different_billing_cycle", await RefusedAsync(PaddleSimulatorHost.MonthlyPrice, yearly));
        Assert.Equal("transaction_price_different_trial_period", await RefusedAsync(PaddleSimulatorHost.MonthlyPrice, trial));
        Assert.Equal("transaction_price_not_found", await RefusedAsync("pri_01gsz8x8sawmvhz1pv30nge1zz"));
        Assert.Equal("transaction_balance_less_than_charge_limit", await RefusedAsync(await _paddle.PriceAsync("10")));
    }

    [Theory]
    [InlineData("https://shop.example/pay?plan=pro", null)]
    [InlineData("http://localhost:8080/pay", null)]
    [InlineData("https://elsewhere.example/pay", "transaction_checkout_url_domain_is_not_approved")]
    [InlineData("not a url", "invalid_field")]
    public async Task A_page_of_ones_own_must_be_approved(string url, string? code)
    {
        var body = New(checkout: new { url });
        if (code is not null)
        {
            Assert.Equal(code, await _paddle.RefusedAsync(HttpMethod.Post, "transactions", body));
            return;
        }

        var transaction = await _paddle.DataAsync(HttpMethod.Post, "transactions", body);
        Assert.StartsWith(url.Split('?')[0], (string)transaction["checkout"]!["url"]!, StringComparison.Ordinal);
        Assert.EndsWith($"_ptxn={transaction["id"]}", (string)transaction["checkout"]!["url"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_simulated_says_so() =>
        Assert.Equal("not_implemented", await _paddle.RefusedAsync(HttpMethod.Post, "transactions", New(collection_mode: "manual"), status: 501));

    [Fact]
    public async Task Transactions_are_found_by_owner_status_origin_and_time()
    {
        var first = await _paddle.BuyAsync();
        var other = await _paddle.BuyAsync();
        var all = (await _paddle.DataAsync(HttpMethod.Get, "transactions")).AsArray();
        var newest = all.Select(row => (string)row!["updated_at"]!).Order(StringComparer.Ordinal).Last();

        Assert.Equal(2, all.Count);
        Assert.Equal([first.Transaction], await FindAsync($"customer_id={first.Customer}"));
        Assert.Equal([other.Transaction], await FindAsync($"subscription_id={other.Subscription}&status=completed&origin=api"));
        Assert.Empty(await FindAsync("status=draft"));
        Assert.Empty(await FindAsync($"updated_at[GT]={Uri.EscapeDataString(newest)}"));
        Assert.Equal([other.Transaction], await FindAsync($"updated_at[GTE]={Uri.EscapeDataString(newest)}"));
        Assert.Empty(await FindAsync($"updated_at[GT]={_paddle.Clock.GetUtcNow().AddDays(1).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}"));
    }

    [Fact]
    public async Task A_call_whose_connection_is_cut_has_done_its_work()
    {
        await _paddle.ControlAsync(HttpMethod.Post, "api-faults", new { cutAfterWork = true, method = "POST", path = "transactions" });

        await Assert.ThrowsAnyAsync<Exception>(() => _paddle.CallAsync(HttpMethod.Post, "transactions", New(custom_data: new { reference = "r-1" })));

        var transactions = (await _paddle.DataAsync(HttpMethod.Get, "transactions")).AsArray();
        Assert.Equal("r-1", (string)transactions.Single()!["custom_data"]!["reference"]!);
    }

    [Fact]
    public async Task A_call_that_fails_on_purpose_does_nothing_and_only_as_often_as_asked()
    {
        await _paddle.ControlAsync(HttpMethod.Post, "api-faults", new { count = 2, status = 503 });

        Assert.Equal("service_unavailable", await _paddle.RefusedAsync(HttpMethod.Post, "transactions", New(), status: 503));
        Assert.Equal("service_unavailable", await _paddle.RefusedAsync(HttpMethod.Post, "transactions", New(), status: 503));
        Assert.Empty((await _paddle.DataAsync(HttpMethod.Get, "transactions")).AsArray());
    }

    [Fact]
    public async Task There_is_no_invoice_before_there_is_a_bill()
    {
        var id = (string)(await _paddle.DataAsync(HttpMethod.Post, "transactions", New()))["id"]!;

        Assert.Equal(HttpStatusCode.BadRequest, (await _paddle.CallAsync(HttpMethod.Get, $"transactions/{id}/invoice")).Status);
    }

    private static Dictionary<string, object?> New(
        string? customer_id = null, string? address_id = null, object? custom_data = null, object? checkout = null, string? collection_mode = null) => new()
        {
            ["items"] = new[] { new { price_id = PaddleSimulatorHost.MonthlyPrice, quantity = 1 } },
            ["customer_id"] = customer_id,
            ["address_id"] = address_id,
            ["custom_data"] = custom_data,
            ["checkout"] = checkout,
            ["collection_mode"] = collection_mode,
        };

    private Task<string> RefusedAsync(params string[] prices) =>
        _paddle.RefusedAsync(HttpMethod.Post, "transactions", new { items = prices.Select(price => new { price_id = price, quantity = 1 }) });

    private async Task<string[]> FindAsync(string query) =>
        [.. (await _paddle.DataAsync(HttpMethod.Get, $"transactions?{query}")).AsArray().Select(row => (string)row!["id"]!)];
}
