using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BotGeneric.Billing.Tests.Operations;

/// <summary>Plans and Paddle's catalogue, from nothing there to everything there and back.</summary>
public sealed partial class CatalogueTests : IAsyncLifetime
{
    private readonly OperationsApplication _application = new();

    public Task InitializeAsync() => _application.InitializeAsync();

    public Task DisposeAsync() => ((IAsyncLifetime)_application).DisposeAsync();

    [Fact]
    public async Task A_push_makes_everything_once_and_a_second_one_nothing()
    {
        var planned = await _application.PushAsync(new { dryRun = true });
        var first = await _application.PushAsync();
        var second = await _application.PushAsync();

        Assert.All(Items(planned), item => Assert.Equal("planned", Text(item, "outcome")));
        Assert.Equal(5, Items(first).Count(item => Text(item, "action") == "create" && Text(item, "outcome") == "done"));
        Assert.Empty(Items(second));
        var price = await PaddlePriceAsync("pro");
        Assert.Equal(("3000", "USD"), ((string)price["unit_price"]!["amount"]!, (string)price["unit_price"]!["currency_code"]!));
        Assert.Equal(("month", 14), ((string)price["billing_cycle"]!["interval"]!, (int)price["trial_period"]!["frequency"]!));
        Assert.Equal("DE", (string)price["unit_price_overrides"]![0]!["country_codes"]![0]!);
        Assert.Equal(1, (int)price["quantity"]!["maximum"]!);
        var withoutTrial = await PaddlePriceWithoutTrialAsync("pro");
        Assert.Null(withoutTrial["trial_period"]);
        Assert.Equal(
            (price["unit_price"]!.ToJsonString(), price["unit_price_overrides"]!.ToJsonString(), price["quantity"]!.ToJsonString(), (string)price["product_id"]!),
            (withoutTrial["unit_price"]!.ToJsonString(), withoutTrial["unit_price_overrides"]!.ToJsonString(), withoutTrial["quantity"]!.ToJsonString(), (string)withoutTrial["product_id"]!));
        Assert.Null((await _application.GetAsync("/api/admin/plans/team")).GetProperty("prices")[0].GetProperty("paddlePriceIdWithoutTrial").GetString());
        Assert.True((await _application.GetAsync("/api/admin/paddle/configuration")).GetProperty("catalogue").GetProperty("isPushed").GetBoolean());
    }

    [Fact]
    public async Task An_answer_that_is_lost_does_not_make_a_second_product()
    {
        await _application.Paddle.ControlAsync(HttpMethod.Post, "api-faults", new { count = 1, method = "POST", path = "products", cutAfterWork = true });

        var report = await _application.PushAsync();

        Assert.All(Items(report), item => Assert.Equal("done", Text(item, "outcome")));
        Assert.Single(await ProductsOfAsync("pro"));
        Assert.Single(await ProductsOfAsync("team"));
    }

    [Fact]
    public async Task What_cannot_be_read_there_is_left_alone_and_nothing_is_made_in_its_place()
    {
        await _application.PushAsync();
        var (product, price) = ((string)(await ProductsOfAsync("team"))[0]!["id"]!, await _application.PriceOfAsync("pro"));
        await _application.ExecuteAsync("UPDATE plans SET paddle_product_id = NULL WHERE code = 'team'; UPDATE prices SET paddle_id = NULL WHERE plan_code = 'team'");
        _application.Damage.Add(product);
        _application.Damage.Add(price);

        var report = await _application.PushAsync();
        var pulled = await _application.PostAsync("/api/admin/plans/pull", new { dryRun = true });

        Assert.Equal(
            [("pro", price, "failed"), ("team", product, "failed")],
            Items(report).Select(item => (Text(item, "planCode"), Text(item, "paddleId"), Text(item, "outcome"))).Order());
        Assert.Single(await ProductsOfAsync("team"));
        Assert.Contains("cannot read", Text(pulled.GetProperty("prices").EnumerateArray().Single(item => Text(item, "paddlePriceId") == price), "problem"), StringComparison.Ordinal);

        _application.Damage.Clear();
        Assert.All(Items(await _application.PushAsync()), item => Assert.Equal(("team", "link", "done"), (Text(item, "planCode"), Text(item, "action"), Text(item, "outcome"))));
    }

    [Fact]
    public async Task A_change_at_the_same_moment_as_a_product_is_made_does_not_lose_it()
    {
        await _application.GetAsync("/api/admin/plans");
        await using var trouble = await Trouble.BeginAsync(_application.Database.ConnectionString, "plans", "NEW.code = 'team'", Trouble.Deadlock, times: 2);

        var report = await _application.PushAsync();

        Assert.All(Items(report), item => Assert.Equal("done", Text(item, "outcome")));
        Assert.Single(await ProductsOfAsync("team"));
    }

    [Fact]
    public async Task What_was_made_and_not_noted_is_found_by_its_mark()
    {
        await _application.PushAsync();
        await _application.ExecuteAsync("UPDATE plans SET paddle_product_id = NULL; UPDATE prices SET paddle_id = NULL, paddle_id_without_trial = NULL");

        var report = await _application.PushAsync();

        Assert.All(Items(report), item => Assert.Equal(("link", "done"), (Text(item, "action"), Text(item, "outcome"))));
        Assert.Single(await ProductsOfAsync("pro"));
    }

    [Fact]
    public async Task Another_amount_is_another_price_and_the_old_one_is_archived_at_Paddle()
    {
        await _application.PushAsync();
        var old = await _application.PriceOfAsync("pro");
        await _application.PutAsync("/api/admin/plans/pro", Plan(35.00m, trialDays: null));

        var oldWithoutTrial = (string)(await PaddlePriceWithoutTrialAsync("pro", 1))["id"]!;
        await _application.PushAsync();

        var read = await _application.GetAsync("/api/admin/plans/pro");
        var prices = read.GetProperty("prices").EnumerateArray().ToArray();
        Assert.Equal(["35.00", "30.00"], prices.Select(price => price.GetProperty("price").GetProperty("amount").GetString()));
        Assert.NotEqual(old, prices[0].GetProperty("paddlePriceId").GetString());
        Assert.Equal("archived", (string)(await _application.Paddle.CallAsync(HttpMethod.Get, $"prices/{old}"))["status"]!);
        Assert.Null((await PaddlePriceAsync("pro"))["trial_period"]);
        Assert.Equal("archived", (string)(await _application.Paddle.CallAsync(HttpMethod.Get, $"prices/{oldWithoutTrial}"))["status"]!);
        Assert.Null(prices[0].GetProperty("paddlePriceIdWithoutTrial").GetString());
    }

    [Fact]
    public async Task A_price_of_Paddles_that_cannot_be_taken_is_refused_with_the_reason()
    {
        await _application.PushAsync();
        var (pro, withoutTrial) = (await _application.PriceOfAsync("pro"), (string)(await PaddlePriceWithoutTrialAsync("pro"))["id"]!);

        var another = await _application.PutAsync("/api/admin/plans/pro", Plan(31.00m, trialDays: 14, price: pro), HttpStatusCode.Conflict);
        var other = await _application.PutAsync("/api/admin/plans/team", Plan(30.00m, trialDays: null, "Team", price: withoutTrial), HttpStatusCode.Conflict);
        var twin = await _application.PutAsync("/api/admin/plans/pro", Plan(30.00m, trialDays: 14, price: withoutTrial), HttpStatusCode.Conflict);
        await _application.PutAsync("/api/admin/plans/pro", Plan(32.00m, trialDays: 14));
        var archived = await _application.PutAsync("/api/admin/plans/pro", Plan(30.00m, trialDays: 14, price: pro), HttpStatusCode.Conflict);

        Assert.Contains("a price never changes", Text(another, "detail"), StringComparison.Ordinal);
        Assert.Contains("sells the plan 'pro'", Text(other, "detail"), StringComparison.Ordinal);
        Assert.Contains(pro, Text(twin, "detail"), StringComparison.Ordinal);
        Assert.Contains("taken out of sale", Text(archived, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_at_Paddle_is_said_by_a_dry_run_and_put_right_by_a_push()
    {
        await _application.PushAsync();
        var id = await _application.PriceOfAsync("team");
        await _application.Paddle.CallAsync(HttpMethod.Patch, $"prices/{id}", new { unit_price = new { amount = "1", currency_code = "USD" } });

        var planned = Assert.Single(Items(await _application.PushAsync(new { dryRun = true })));
        await _application.PushAsync();

        Assert.Equal("unitPrice", Text(planned.GetProperty("differences")[0], "field"));
        Assert.Equal("1 USD", Text(planned.GetProperty("differences")[0], "theirs"));
        Assert.Equal("9000", (string)(await PaddlePriceAsync("team"))["unit_price"]!["amount"]!);
    }

    [Fact]
    public async Task An_archived_plan_is_archived_at_Paddle_and_comes_back_with_it()
    {
        await _application.PushAsync();
        await _application.PostAsync("/api/admin/plans/team/archive", new { reason = "Nobody wants it" });
        await _application.PushAsync();
        var archived = (string)(await PaddlePriceAsync("team"))["status"]!;

        await _application.PutAsync("/api/admin/plans/team", Plan(90.00m, trialDays: null, name: "Team", limit: 5000));
        await _application.PushAsync();

        Assert.Equal("archived", archived);
        Assert.Equal("active", (string)(await PaddlePriceAsync("team"))["status"]!);
        Assert.Equal("active", (string)Assert.Single(await ProductsOfAsync("team"))["status"]!);
    }

    [Fact]
    public async Task A_catalogue_that_is_gone_is_made_again()
    {
        await _application.PushAsync();
        var before = await _application.PriceOfAsync("pro");
        await _application.Paddle.ControlAsync(HttpMethod.Post, "reset");

        var report = await _application.PushAsync();

        Assert.Equal(5, Items(report).Count(item => Text(item, "action") == "recreate" && Text(item, "outcome") == "done"));
        Assert.NotEqual(before, await _application.PriceOfAsync("pro"));
    }

    [Fact]
    public async Task A_price_of_Paddles_sells_a_plan_once_a_mapping_says_so_also_to_who_has_paid_already()
    {
        await _application.PushAsync();
        var product = await _application.Paddle.CallAsync(HttpMethod.Post, "products", new { name = "By hand", tax_category = "standard" });
        var price = await _application.Paddle.CallAsync(HttpMethod.Post, "prices", new
        {
            product_id = (string)product["id"]!,
            description = "By hand",
            unit_price = new { amount = "25000", currency_code = "USD" },
            billing_cycle = new { interval = "year", frequency = 1 },
        });
        var id = (string)price["id"]!;
        var bought = await _application.Paddle.BuyAsync(id);
        await _application.ReconcileAsync();
        var before = await _application.SubscriptionAsync(bought);

        var pulled = await _application.PostAsync("/api/admin/plans/pull", new { mappings = new[] { new { paddlePriceId = id, planCode = "pro" } } });

        var item = pulled.GetProperty("prices").EnumerateArray().Single(row => Text(row, "paddlePriceId") == id);
        Assert.Equal(("import", "done", "pro"), (Text(item, "action"), Text(item, "outcome"), Text(item, "planCode")));
        Assert.Null(before.GetProperty("planCode").GetString());
        var after = await _application.SubscriptionAsync(bought);
        Assert.Equal("pro", Text(after, "planCode"));
        Assert.Equal(1000, after.GetProperty("entitlements")[0].GetProperty("limit").GetInt64());
    }

    [Fact]
    public async Task Who_has_paid_at_a_price_that_a_push_finds_again_has_the_plan()
    {
        await _application.PushAsync();
        var id = await _application.PriceOfAsync("team");
        await _application.ExecuteAsync("UPDATE prices SET paddle_id = NULL WHERE plan_code = 'team'");
        var bought = await _application.Paddle.BuyAsync(id);
        await _application.ReconcileAsync();
        var before = await _application.SubscriptionAsync(bought);

        var report = await _application.PushAsync();

        Assert.Null(before.GetProperty("planCode").GetString());
        Assert.Equal(("link", "done"), (Text(Assert.Single(Items(report)), "action"), Text(Assert.Single(Items(report)), "outcome")));
        var after = await _application.SubscriptionAsync(bought);
        Assert.Equal(("team", true), (Text(after, "planCode"), after.GetProperty("grantsAccess").GetBoolean()));
        Assert.Equal(0, (await _application.ReconcileAsync()).GetProperty("differences").GetInt32());
    }

    [Fact]
    public async Task An_amount_that_was_changed_at_Paddle_is_said_and_taken_over_when_asked()
    {
        await _application.PushAsync();
        var id = await _application.PriceOfAsync("team");
        await _application.Paddle.CallAsync(HttpMethod.Patch, $"prices/{id}", new { unit_price = new { amount = "9500", currency_code = "USD" } });

        var said = await _application.PostAsync("/api/admin/plans/pull", new { });
        await _application.PostAsync("/api/admin/plans/pull", new { importAmounts = true });

        var item = said.GetProperty("prices").EnumerateArray().Single(row => Text(row, "paddlePriceId") == id);
        Assert.Equal(("none", "unitPrice"), (Text(item, "action"), Text(item.GetProperty("differences")[0], "field")));
        var prices = (await _application.GetAsync("/api/admin/plans/team")).GetProperty("prices").EnumerateArray().ToArray();
        Assert.Equal(("95.00", id), (Text(prices[0].GetProperty("price"), "amount"), Text(prices[0], "paddlePriceId")));
        Assert.Null(prices[1].GetProperty("paddlePriceId").GetString());
    }

    [Fact]
    public async Task A_plan_stays_with_its_product() =>
        await _application.PutAsync("/api/admin/plans/pro", new { name = new { en = "Pro" }, product = "other" }, HttpStatusCode.Conflict);

    [Fact]
    public async Task Without_Paddle_a_push_says_so()
    {
        await _application.Paddle.ControlAsync(HttpMethod.Post, "api-faults", new { count = 50, status = 403, code = "forbidden" });

        var problem = await _application.PostAsync("/api/admin/plans/push", new { }, HttpStatusCode.ServiceUnavailable);

        Assert.Contains("payment-key-refused", Text(problem, "type"), StringComparison.Ordinal);
    }

    private static IEnumerable<JsonElement> Items(JsonElement report) => report.GetProperty("items").EnumerateArray();

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static object Plan(decimal amount, int? trialDays, string name = "Pro", int limit = 1000, string? price = null) => new
    {
        name = new { en = name },
        trialDays,
        entitlements = new[] { new { meter = "llm.requests", window = "day", limit } },
        prices = new[] { new { amount, currency = "USD", paddlePriceId = price } },
    };

    private async Task<JsonNode> PaddlePriceAsync(string plan) =>
        await _application.Paddle.CallAsync(HttpMethod.Get, $"prices/{await _application.PriceOfAsync(plan)}");

    private async Task<JsonNode> PaddlePriceWithoutTrialAsync(string plan, int index = 0)
    {
        var price = (await _application.GetAsync($"/api/admin/plans/{plan}")).GetProperty("prices")[index];
        return await _application.Paddle.CallAsync(HttpMethod.Get, $"prices/{Text(price, "paddlePriceIdWithoutTrial")}");
    }

    private async Task<JsonNode[]> ProductsOfAsync(string plan) =>
    [
        .. (await _application.Paddle.CallAsync(HttpMethod.Get, "products?status=active,archived")).AsArray()
            .Where(product => (string?)product!["custom_data"]?["planCode"] == plan).Select(product => product!),
    ];
}
