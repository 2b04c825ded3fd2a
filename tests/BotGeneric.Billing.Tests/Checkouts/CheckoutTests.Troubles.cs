using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Tests.Shop;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Checkouts;

/// <content>What goes wrong on the way.</content>
public sealed partial class CheckoutTests
{
    [Fact]
    public async Task A_payment_whose_subscription_never_comes_does_not_keep_anybody_from_buying_for_ever()
    {
        await application.WithDbAsync(async db =>
        {
            var plan = await db.Plans.Include(row => row.Prices).SingleAsync(row => row.Code == "pro");
            var begun = application.Clock.GetUtcNow() - TimeSpan.FromDays(3) - TimeSpan.FromMinutes(1);
            var paid = Checkout.Begin(Guid.CreateVersion7(begun), _person, plan, plan.Prices[0], trialDays: null, _person.ToString(), begun);
            paid.Complete();
            db.Checkouts.Add(paid);
            return await db.SaveChangesAsync();
        });

        var checkout = await ShopApplication.BeginAsync(application.Buyer(_person));

        Assert.Equal("open", checkout.GetProperty("status").GetString());
    }

    [Fact]
    public async Task What_Paddle_does_not_cancel_now_stays_open_and_is_tried_again()
    {
        var buyer = application.Buyer(_person);
        var first = await ShopApplication.BeginAsync(buyer, "light");
        application.Paddle.Fail(Fault.Declined);

        await ShopApplication.PostAsync(buyer, Path, new { planCode = "pro" }, HttpStatusCode.PaymentRequired);

        var kept = await LastAsync(_person);
        Assert.Equal((first.GetProperty("id").GetGuid(), CheckoutStatus.Open), (kept.Id, kept.Status));
        Assert.Equal("draft", application.Paddle.Transactions[ShopApplication.TransactionOf(first)].Status);
        await ShopApplication.BeginAsync(buyer);
        Assert.Equal("canceled", application.Paddle.Transactions[ShopApplication.TransactionOf(first)].Status);
        Assert.Equal(1, await OpenAsync(_person));
    }

    [Fact]
    public async Task What_Paddle_never_cancels_keeps_nobody_from_buying()
    {
        var buyer = application.Buyer(_person);
        var first = await ShopApplication.BeginAsync(buyer, "light");
        var transactionId = ShopApplication.TransactionOf(first);
        application.Paddle.Transactions[transactionId] = application.Paddle.Transactions[transactionId] with { Status = "of_the_future" };

        var second = await ShopApplication.BeginAsync(buyer);

        Assert.NotEqual(first.GetProperty("id").GetGuid(), second.GetProperty("id").GetGuid());
        var seen = await buyer.GetFromJsonAsync<JsonElement>($"{Path}/{first.GetProperty("id").GetGuid()}");
        Assert.Equal("abandoned", seen.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Under_the_name_of_an_account_that_is_part_of_another_one_the_others_checkout_is_found()
    {
        var kept = Guid.CreateVersion7();
        await application.Services.MergeAsync<BillingDbContext>(_person, kept);
        var (before, after) = (application.Buyer(_person), application.Buyer(kept));
        var checkout = await ShopApplication.BeginAsync(after);

        var same = await ShopApplication.BeginAsync(before);

        Assert.Equal(checkout.GetProperty("id").GetGuid(), same.GetProperty("id").GetGuid());
        await application.BuyAsync(after);
        var problem = await ShopApplication.PostAsync(before, Path, new { planCode = "pro" }, HttpStatusCode.Conflict);
        Assert.Equal("alreadySubscribed", problem.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_checkout_that_is_paid_while_it_is_replaced_stays_paid()
    {
        var buyer = application.Buyer(_person);
        application.Paddle.Pay(ShopApplication.TransactionOf(await ShopApplication.BeginAsync(buyer, "light")));

        var problem = await ShopApplication.PostAsync(buyer, Path, new { planCode = "pro" }, HttpStatusCode.Conflict);

        Assert.Equal("alreadyPaid", problem.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_checkout_that_nobody_pays_is_given_up_in_time()
    {
        var checkout = await ShopApplication.BeginAsync(application.Buyer(_person));
        application.Clock.Advance(TimeSpan.FromDays(3) + TimeSpan.FromMinutes(1));

        await application.Services.GetRequiredService<CheckoutKeeper>().KeepAsync(CancellationToken.None);

        Assert.Equal(CheckoutStatus.Abandoned, (await LastAsync(_person)).Status);
        Assert.Equal("canceled", application.Paddle.Transactions[ShopApplication.TransactionOf(checkout)].Status);
    }

    [Fact]
    public async Task While_Paddle_is_away_nothing_is_left_open()
    {
        application.Paddle.Fail(Fault.Away);

        await ShopApplication.PostAsync(application.Buyer(_person), Path, new { planCode = "pro" }, HttpStatusCode.ServiceUnavailable);

        Assert.Equal(CheckoutStatus.Abandoned, (await LastAsync(_person)).Status);
    }

    [Theory]
    [InlineData("new", null, HttpStatusCode.ServiceUnavailable)]
    [InlineData("gone", null, HttpStatusCode.BadRequest)]
    [InlineData("nothing", null, HttpStatusCode.BadRequest)]
    [InlineData("light", "year", HttpStatusCode.BadRequest)]
    [InlineData("secret", null, HttpStatusCode.Created)]
    public async Task What_is_not_sold_cannot_be_bought(string plan, string? interval, HttpStatusCode expected) =>
        await ShopApplication.PostAsync(application.Buyer(_person), Path, new { planCode = plan, interval }, expected);

    [Fact]
    public async Task An_address_to_return_to_is_not_taken_from_outside() => await ShopApplication.PostAsync(
        application.Buyer(_person), Path, new { planCode = "pro", successUrl = "https://elsewhere.example/" }, HttpStatusCode.BadRequest);

    [Fact]
    public async Task A_repeated_request_gets_its_first_answer()
    {
        var buyer = application.Buyer(_person);
        buyer.DefaultRequestHeaders.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        var first = await ShopApplication.BeginAsync(buyer);
        var second = await ShopApplication.BeginAsync(buyer);

        Assert.Equal(first.GetRawText(), second.GetRawText());
    }

    [Fact]
    public async Task The_next_purchase_is_the_same_payers()
    {
        var buyer = application.Buyer(_person);
        var first = await application.BuyAsync(buyer);
        await application.HearAsync(application.Paddle.Happen(first.Id, subscription => subscription with { Status = "canceled", CanceledAt = application.Clock.GetUtcNow() }));

        var checkout = await ShopApplication.BeginAsync(buyer);

        Assert.Equal(first.CustomerId, application.Paddle.Transactions[ShopApplication.TransactionOf(checkout)].CustomerId);
    }
}
