using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Billing.Tests.Shop;
using BotGeneric.Contracts.Identity;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Tests.Checkouts;

/// <summary>An account has one trial of a product, and is told before it buys whether it has it.</summary>
public sealed class TrialTests(ShopApplication application) : IClassFixture<ShopApplication>, IAsyncLifetime
{
    private const string Path = "/api/subscriptions/checkout";
    private readonly Guid _person = Guid.CreateVersion7();

    public Task InitializeAsync() => PushAsync(ShopApplication.TryMonthlyWithoutTrial);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Who_cancels_and_buys_again_pays_at_once()
    {
        var buyer = application.Buyer(_person);
        var first = await ShopApplication.BeginAsync(buyer, "try");
        Assert.Equal(14, first.GetProperty("trialDays").GetInt32());
        await PayAsync(first);
        Assert.Equal("trialing", (await ShopApplication.CurrentAsync(buyer)).GetProperty("status").GetString());
        await EndAsync(buyer);

        var second = await ShopApplication.BeginAsync(buyer, "try");

        Assert.Equal(JsonValueKind.Null, second.GetProperty("trialDays").ValueKind);
        Assert.Equal("5.00", second.GetProperty("price").GetProperty("amount").GetString());
        Assert.Equal(ShopApplication.TryMonthlyWithoutTrial, PriceOf(second));
        await PayAsync(second);
        var current = await ShopApplication.CurrentAsync(buyer);
        Assert.Equal(("active", "try", 1), (current.GetProperty("status").GetString(), current.GetProperty("planCode").GetString(), current.GetProperty("planVersion").GetInt32()));
        Assert.Equal("5.00", current.GetProperty("price").GetProperty("amount").GetString());
        var seen = await buyer.GetFromJsonAsync<JsonElement>($"{Path}/{first.GetProperty("id").GetGuid()}");
        Assert.Equal(14, seen.GetProperty("trialDays").GetInt32());
    }

    [Fact]
    public async Task Plans_say_to_a_signed_in_reader_whether_there_is_a_trial_and_to_nobody_else()
    {
        var buyer = application.Buyer(_person);
        var before = await TrialAsync(buyer);
        await application.BuyAsync(buyer, "light");

        var after = await TrialAsync(buyer);

        Assert.Equal((14, (int?)null), (before.Days, after.Days));
        Assert.True(after.Answer.Headers.CacheControl is { Private: true, NoStore: true });
        var (anybody, answer) = await TrialAsync(application.CreateClient());
        Assert.Equal(14, anybody);
        Assert.True(answer.Headers.CacheControl!.Public);
        Assert.Contains("Authorization", answer.Headers.Vary);
        var list = await buyer.GetFromJsonAsync<JsonElement>("/api/plans");
        Assert.Equal(
            JsonValueKind.Null,
            list.GetProperty("items").EnumerateArray().Single(plan => plan.GetProperty("code").GetString() == "try").GetProperty("trialDays").ValueKind);
        Assert.Equal(14, (await TrialAsync(application.CreateClientFor(_person, null, null, ApiScopes.UsageRead))).Days);
    }

    [Fact]
    public async Task What_was_paid_for_uses_the_trial_up_as_well_and_another_product_does_not()
    {
        var (payer, stranger) = (application.Buyer(_person), application.Buyer(Guid.CreateVersion7()));
        await application.BuyAsync(payer, "light");
        await EndAsync(payer);
        await application.BuyAsync(stranger, "side");

        Assert.Equal(JsonValueKind.Null, (await ShopApplication.BeginAsync(payer, "try")).GetProperty("trialDays").ValueKind);
        Assert.Equal(14, (await ShopApplication.BeginAsync(stranger, "try")).GetProperty("trialDays").GetInt32());
    }

    [Fact]
    public async Task A_gift_uses_no_trial_up()
    {
        await application.WithDbAsync(async db =>
        {
            var plan = await db.Plans.SingleAsync(row => row.Code == "try");
            db.Subscriptions.Add(Subscription.Comp(Guid.CreateVersion7(), _person, plan, null, application.Clock.GetUtcNow()));
            return await db.SaveChangesAsync();
        });

        var checkout = await ShopApplication.BeginAsync(application.Buyer(_person), "try");

        Assert.Equal((14, ShopApplication.TryMonthly), (checkout.GetProperty("trialDays").GetInt32(), PriceOf(checkout)));
    }

    [Fact]
    public async Task An_organization_has_a_trial_of_its_own_once()
    {
        var (person, organization) = (application.Buyer(_person), Guid.CreateVersion7());
        await application.BuyAsync(person, "try");
        var first = await ShopApplication.BeginAsync(application.Buyer(_person, organization, "owner"), "try");
        Assert.Equal(14, first.GetProperty("trialDays").GetInt32());
        await PayAsync(first);
        await EndAsync(application.Buyer(_person, organization, "owner"));

        var colleague = application.Buyer(Guid.CreateVersion7(), organization, "billing");

        Assert.Null((await TrialAsync(colleague)).Days);
        Assert.Equal(JsonValueKind.Null, (await ShopApplication.BeginAsync(colleague, "try")).GetProperty("trialDays").ValueKind);
    }

    [Fact]
    public async Task What_an_account_has_used_up_counts_where_it_became_part_of_another_one()
    {
        var (absorbed, kept) = (application.Buyer(_person), Guid.CreateVersion7());
        await application.BuyAsync(absorbed, "try");
        await EndAsync(absorbed);
        var open = await ShopApplication.BeginAsync(application.Buyer(kept), "try");
        Assert.Equal(14, open.GetProperty("trialDays").GetInt32());

        await application.Services.MergeAsync<BillingDbContext>(_person, kept);

        Assert.Null((await TrialAsync(absorbed)).Days);
        Assert.Null((await TrialAsync(application.Buyer(kept))).Days);
        var again = await ShopApplication.BeginAsync(application.Buyer(kept), "try");
        Assert.Equal((JsonValueKind.Null, ShopApplication.TryMonthlyWithoutTrial), (again.GetProperty("trialDays").ValueKind, PriceOf(again)));
        Assert.Equal("canceled", application.Paddle.Transactions[ShopApplication.TransactionOf(open)].Status);
        Assert.Equal(again.GetProperty("url").GetString(), (await ShopApplication.BeginAsync(absorbed, "try")).GetProperty("url").GetString());
    }

    [Fact]
    public async Task Nobody_is_given_a_second_trial_because_the_price_without_one_is_not_at_Paddle_yet()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer, "try");
        await EndAsync(buyer);
        await PushAsync(null);

        var problem = await ShopApplication.PostAsync(buyer, Path, new { planCode = "try" }, HttpStatusCode.ServiceUnavailable);
        var plan = await buyer.GetFromJsonAsync<JsonElement>("/api/plans/try");

        Assert.Equal("notPushed", problem.GetProperty("code").GetString());
        Assert.False(plan.GetProperty("prices")[0].GetProperty("canBeBought").GetBoolean());
        Assert.Equal("open", (await ShopApplication.BeginAsync(application.Buyer(Guid.CreateVersion7()), "try")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_change_of_plan_begins_no_trial_and_ends_none()
    {
        var (payer, trier) = (application.Buyer(_person), application.Buyer(Guid.CreateVersion7()));
        await application.BuyAsync(payer, "light");
        var trial = await application.BuyAsync(trier, "try");

        await ShopApplication.PostAsync(payer, "/api/subscriptions/current/change", new { planCode = "try" });
        var asked = Assert.IsType<PaddleSubscriptionChange>(application.Paddle.Calls.Last(call => call.Call == "update subscription").Request);
        var same = await ShopApplication.PostAsync(payer, "/api/subscriptions/current/change", new { planCode = "try" }, HttpStatusCode.Conflict);
        await ShopApplication.PostAsync(trier, "/api/subscriptions/current/change", new { planCode = "light" });
        await ShopApplication.PostAsync(trier, "/api/subscriptions/current/change", new { planCode = "try" });

        Assert.Equal(ShopApplication.TryMonthlyWithoutTrial, Assert.Single(asked.Items!).PriceId);
        Assert.Equal("try", (await ShopApplication.CurrentAsync(payer)).GetProperty("planCode").GetString());
        Assert.Equal("same", same.GetProperty("code").GetString());
        Assert.Equal((ShopApplication.TryMonthly, "trialing"), (application.Paddle.Subscriptions[trial.Id].Items[0].Price.Id, application.Paddle.Subscriptions[trial.Id].Status));
    }

    private static async Task<(int? Days, HttpResponseMessage Answer)> TrialAsync(HttpClient reader)
    {
        var answer = await reader.GetAsync("/api/plans/try");
        var days = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("trialDays");
        return (days.ValueKind == JsonValueKind.Null ? null : days.GetInt32(), answer);
    }

    private static Task<JsonElement> EndAsync(HttpClient buyer) => ShopApplication.PostAsync(buyer, "/api/subscriptions/current/cancel", new { when = "now" });

    private string PriceOf(JsonElement checkout) => application.Paddle.Transactions[ShopApplication.TransactionOf(checkout)].Items.Single().Price!.Id;

    private async Task PayAsync(JsonElement checkout)
    {
        var (transaction, subscription) = application.Paddle.Pay(ShopApplication.TransactionOf(checkout));
        await application.HearAsync(subscription);
        await application.HearAsync(transaction);
    }

    private Task<int> PushAsync(string? paddleId) => application.WithDbAsync(db => db.Prices
        .Where(price => price.PlanCode == "try")
        .ExecuteUpdateAsync(row => row.SetProperty(price => price.PaddleIdWithoutTrial, paddleId)));
}
