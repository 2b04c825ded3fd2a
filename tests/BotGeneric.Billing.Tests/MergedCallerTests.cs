using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Tests.Shop;
using BotGeneric.Testing.Services;

namespace BotGeneric.Billing.Tests;

/// <summary>A token of an account that became part of another one: until it ends it shows and changes what is the other one's now.</summary>
public sealed class MergedCallerTests(ShopApplication application) : IClassFixture<ShopApplication>
{
    private readonly Guid _absorbed = Guid.CreateVersion7();
    private readonly Guid _kept = Guid.CreateVersion7();

    private HttpClient Caller => field ??= application.Buyer(_absorbed);

    [Fact]
    public async Task A_checkout_is_still_there()
    {
        var checkout = await ShopApplication.BeginAsync(Caller);
        await MergeAsync();

        var seen = await Caller.GetFromJsonAsync<JsonElement>($"/api/subscriptions/checkout/{checkout.GetProperty("id").GetGuid()}");

        Assert.Equal("open", seen.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Subscription_payments_and_links_are_still_there()
    {
        var bought = await application.BuyAsync(Caller);
        await SaveMethodAsync(bought.CustomerId);
        await MergeAsync();

        Assert.Equal("pro", (await ShopApplication.CurrentAsync(Caller)).GetProperty("planCode").GetString());
        var payment = Assert.Single((await ReadAsync("/api/billing/transactions")).GetProperty("items").EnumerateArray());
        var id = payment.GetProperty("id").GetString()!;
        application.Paddle.Invoices.Add(id);
        await ReadAsync($"/api/billing/transactions/{id}");
        await ReadAsync($"/api/billing/transactions/{id}/receipt");
        Assert.Single((await ReadAsync("/api/billing/payment-methods")).GetProperty("items").EnumerateArray());
        await ReadAsync("/api/subscriptions/current/payment-method");
        await ShopApplication.PostAsync(Caller, "/api/subscriptions/current/portal", null);
    }

    [Fact]
    public async Task What_is_paid_after_the_accounts_became_one_is_the_other_ones_with_its_payer()
    {
        var checkout = await ShopApplication.BeginAsync(Caller);
        await MergeAsync();
        var (transaction, subscription) = application.Paddle.Pay(ShopApplication.TransactionOf(checkout));
        await application.HearAsync(subscription);
        await application.HearAsync(transaction);
        await SaveMethodAsync(subscription.CustomerId);
        var kept = application.Buyer(_kept);

        Assert.Equal("pro", (await ShopApplication.CurrentAsync(kept)).GetProperty("planCode").GetString());
        await ShopApplication.PostAsync(kept, "/api/subscriptions/current/portal", null);
        Assert.Single((await ReadAsync("/api/billing/payment-methods")).GetProperty("items").EnumerateArray());
        await ShopApplication.PostAsync(kept, "/api/subscriptions/current/cancel", new { when = "now" });
        var next = await ShopApplication.BeginAsync(kept);
        Assert.Equal(subscription.CustomerId, application.Paddle.Transactions[ShopApplication.TransactionOf(next)].CustomerId);
    }

    [Fact]
    public async Task The_subscription_can_be_changed()
    {
        await application.BuyAsync(Caller);
        await MergeAsync();

        await ShopApplication.PostAsync(Caller, "/api/subscriptions/current/preview-change", new { planCode = "light" });
        await ShopApplication.PostAsync(Caller, "/api/subscriptions/current/change", new { planCode = "light" });
        await ShopApplication.PostAsync(Caller, "/api/subscriptions/current/pause", new { });
        await ShopApplication.PostAsync(Caller, "/api/subscriptions/current/undo", null);
        await ShopApplication.PostAsync(Caller, "/api/subscriptions/current/cancel", new { });

        var current = await ShopApplication.CurrentAsync(application.Buyer(_kept));
        Assert.Equal(("light", "cancel"), (current.GetProperty("planCode").GetString(), current.GetProperty("scheduledChange").GetProperty("action").GetString()));
    }

    [Fact]
    public async Task Admins_find_it_under_either_account()
    {
        var bought = await application.BuyAsync(Caller);
        await MergeAsync();
        var admin = application.CreateOperatorClient();

        foreach (var path in new[]
        {
            $"/api/admin/subscriptions?account={_absorbed}", $"/api/admin/subscriptions?account={_kept}", $"/api/admin/subscriptions?search={_absorbed}",
            $"/api/admin/transactions?account={_absorbed}", $"/api/admin/transactions?account={_kept}",
        })
        {
            Assert.Single((await admin.GetFromJsonAsync<JsonElement>(path)).GetProperty("items").EnumerateArray());
        }

        Assert.Empty((await admin.GetFromJsonAsync<JsonElement>($"/api/admin/transactions?account={Guid.CreateVersion7()}")).GetProperty("items").EnumerateArray());
        Assert.NotNull(bought);
    }

    [Fact]
    public async Task The_other_way_round_and_for_strangers_nothing_is_opened()
    {
        await application.BuyAsync(Caller);
        var stranger = application.Buyer(Guid.CreateVersion7());
        await MergeAsync();

        Assert.Equal(JsonValueKind.Null, (await ShopApplication.CurrentAsync(stranger)).ValueKind);
        Assert.Empty((await stranger.GetFromJsonAsync<JsonElement>("/api/billing/transactions")).GetProperty("items").EnumerateArray());
    }

    private Task MergeAsync() => application.Services.MergeAsync<BillingDbContext>(_absorbed, _kept);

    private async Task<JsonElement> ReadAsync(string path)
    {
        using var answer = await Caller.GetAsync(path);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private Task<int> SaveMethodAsync(string customer) => application.WithDbAsync(db =>
    {
        db.PaymentMethods.Add(new PaymentMethod
        {
            PaddleId = $"paymtd_{Guid.CreateVersion7():N}",
            CustomerId = customer,
            Type = "card",
            LastEventAt = application.Clock.GetUtcNow(),
        });
        return db.SaveChangesAsync();
    });
}
