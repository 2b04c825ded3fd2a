using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Tests.Shop;
using BotGeneric.Contracts.Identity;
using BotGeneric.Testing.Services;

namespace BotGeneric.Billing.Tests.Subscriptions;

public sealed class PaymentsTests(ShopApplication application) : IClassFixture<ShopApplication>
{
    private const string Payments = "/api/billing/transactions";
    private readonly Guid _person = Guid.CreateVersion7();

    [Fact]
    public async Task What_was_paid_is_listed_and_an_open_checkout_is_not()
    {
        var buyer = application.Buyer(_person);
        await ShopApplication.BeginAsync(buyer, "side");
        await application.BuyAsync(buyer);

        var page = await buyer.GetFromJsonAsync<JsonElement>(Payments);

        var payment = page.GetProperty("items").EnumerateArray().Single();
        Assert.Equal(("completed", "30.00", "USD"), (payment.GetProperty("status").GetString(), payment.GetProperty("grandTotal").GetProperty("amount").GetString(), payment.GetProperty("total").GetProperty("currency").GetString()));
        Assert.Equal("0.00", payment.GetProperty("refunded").GetProperty("amount").GetString());
        Assert.Equal((await ShopApplication.CurrentAsync(buyer)).GetProperty("id").GetGuid(), payment.GetProperty("subscriptionId").GetGuid());
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_and_repetition()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer);
        await application.BuyAsync(buyer, "side");

        var first = await buyer.GetFromJsonAsync<JsonElement>($"{Payments}?limit=1");
        var second = await buyer.GetFromJsonAsync<JsonElement>($"{Payments}?limit=1&cursor={first.GetProperty("nextCursor").GetString()}");

        Assert.NotEqual(Id(first), Id(second));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("nextCursor").ValueKind);
    }

    [Fact]
    public async Task The_invoice_is_there_once_Paddle_has_it_and_its_link_is_kept_nowhere()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer);
        var id = Id(await buyer.GetFromJsonAsync<JsonElement>(Payments));
        Assert.Equal(HttpStatusCode.NotFound, (await buyer.GetAsync($"{Payments}/{id}/receipt")).StatusCode);
        application.Paddle.Invoices.Add(id);

        using var answer = await buyer.GetAsync($"{Payments}/{id}/receipt");

        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Equal($"https://invoices.example/{id}", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("url").GetString());
    }

    [Fact]
    public async Task Somebody_elses_payment_is_not_there()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer);
        var id = Id(await buyer.GetFromJsonAsync<JsonElement>(Payments));

        foreach (var stranger in new[] { application.Buyer(Guid.CreateVersion7()), application.Buyer(_person, Guid.CreateVersion7(), "owner") })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"{Payments}/{id}")).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"{Payments}/{id}/receipt")).StatusCode);
            Assert.Empty((await stranger.GetFromJsonAsync<JsonElement>(Payments)).GetProperty("items").EnumerateArray());
        }
    }

    [Fact]
    public async Task Links_are_for_the_payer_and_not_for_whoever_acts_in_the_payers_name()
    {
        await application.BuyAsync(application.Buyer(_person));
        var admin = application.CreateClientWith(new TestToken
        {
            Subject = _person.ToString(),
            Scopes = [ApiScopes.BillingRead, ApiScopes.BillingWrite],
            Actor = Guid.CreateVersion7().ToString(),
        });
        var id = Id(await admin.GetFromJsonAsync<JsonElement>(Payments));

        Assert.Equal(HttpStatusCode.Forbidden, (await admin.GetAsync($"{Payments}/{id}/receipt")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await admin.GetAsync("/api/subscriptions/current/payment-method")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await admin.PostAsync("/api/subscriptions/current/portal", null)).StatusCode);
    }

    [Fact]
    public async Task The_portal_is_linked_to_for_the_payer_alone()
    {
        var buyer = application.Buyer(_person);
        var subscription = await application.BuyAsync(buyer);

        using var answer = await buyer.PostAsync("/api/subscriptions/current/portal", null);

        Assert.True(answer.Headers.CacheControl?.NoStore);
        var links = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal($"https://portal.example/{subscription.CustomerId}", links.GetProperty("overview").GetString());
        Assert.Equal($"https://portal.example/cancel/{subscription.Id}", links.GetProperty("cancel").GetString());
    }

    [Fact]
    public async Task An_organization_is_not_shown_what_its_payer_has_bought_besides()
    {
        var organization = Guid.CreateVersion7();
        var owner = application.Buyer(_person, organization, "owner");
        var shared = await application.BuyAsync(owner);
        await SaveMethodAsync(shared.CustomerId);
        Assert.Single((await owner.GetFromJsonAsync<JsonElement>("/api/billing/payment-methods")).GetProperty("items").EnumerateArray());

        await application.BuyAsync(application.Buyer(_person), customer: shared.CustomerId);

        var problem = await ShopApplication.PostAsync(
            application.Buyer(Guid.CreateVersion7(), organization, "billing"), "/api/subscriptions/current/portal", null, HttpStatusCode.Conflict);
        Assert.Equal("sharedPayer", problem.GetProperty("code").GetString());
        Assert.Empty((await owner.GetFromJsonAsync<JsonElement>("/api/billing/payment-methods")).GetProperty("items").EnumerateArray());
    }

    private static string Id(JsonElement page) => page.GetProperty("items").EnumerateArray().First().GetProperty("id").GetString()!;

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
