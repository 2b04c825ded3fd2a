using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Billing.Tests.Shop;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Checkouts;

public sealed partial class CheckoutTests(ShopApplication application) : IClassFixture<ShopApplication>
{
    private const string Path = "/api/subscriptions/checkout";
    private readonly Guid _person = Guid.CreateVersion7();

    [Fact]
    public async Task A_checkout_says_by_signature_for_whom_it_is_and_can_be_looked_at()
    {
        var buyer = application.Buyer(_person);

        using var answer = await buyer.PostAsJsonAsync(Path, new { planCode = "pro" });

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var checkout = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var transaction = application.Paddle.Transactions[ShopApplication.TransactionOf(checkout)];
        var reference = application.Services.GetRequiredService<CheckoutReferences>().Read(transaction.CustomData);
        Assert.Equal((checkout.GetProperty("id").GetGuid(), _person), (reference!.CheckoutId, reference.AccountId));
        Assert.Equal(ShopApplication.ProMonthly, transaction.Items.Single().Price!.Id);
        var seen = await buyer.GetFromJsonAsync<JsonElement>(answer.Headers.Location);
        Assert.Equal(("open", "30.00"), (seen.GetProperty("status").GetString(), seen.GetProperty("price").GetProperty("amount").GetString()));
    }

    [Fact]
    public async Task Two_tabs_get_one_checkout()
    {
        var buyer = application.Buyer(_person);

        var checkouts = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ShopApplication.BeginAsync(buyer)));

        Assert.Single(checkouts.Select(checkout => checkout.GetProperty("url").GetString()).Distinct());
        Assert.Equal(1, await OpenAsync(_person));
        Assert.Single(application.Paddle.Transactions.Values, transaction => BelongsTo(transaction, _person));
    }

    [Fact]
    public async Task A_wish_for_another_plan_gives_the_first_one_up()
    {
        var buyer = application.Buyer(_person);
        var first = await ShopApplication.BeginAsync(buyer, "light");

        var second = await ShopApplication.BeginAsync(buyer, "pro", "year");

        Assert.Equal("canceled", application.Paddle.Transactions[ShopApplication.TransactionOf(first)].Status);
        Assert.Equal("draft", application.Paddle.Transactions[ShopApplication.TransactionOf(second)].Status);
        var seen = await buyer.GetFromJsonAsync<JsonElement>($"{Path}/{first.GetProperty("id").GetGuid()}");
        Assert.Equal(("abandoned", JsonValueKind.Null), (seen.GetProperty("status").GetString(), seen.GetProperty("url").ValueKind));
    }

    [Fact]
    public async Task Who_has_a_subscription_is_told_to_change_it_in_the_language_of_the_request()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer);
        buyer.DefaultRequestHeaders.AcceptLanguage.ParseAdd("ru");

        var problem = await ShopApplication.PostAsync(buyer, Path, new { planCode = "light" }, HttpStatusCode.Conflict);

        Assert.Equal("alreadySubscribed", problem.GetProperty("code").GetString());
        Assert.StartsWith("Подписка уже есть", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_product_can_be_bought_beside_it()
    {
        var buyer = application.Buyer(_person);
        await application.BuyAsync(buyer);

        await application.BuyAsync(buyer, "side");

        var current = await buyer.GetFromJsonAsync<JsonElement>("/api/subscriptions/current");
        Assert.Equal("pro", current.GetProperty("subscription").GetProperty("planCode").GetString());
        Assert.Equal("side", current.GetProperty("others").EnumerateArray().Single().GetProperty("planCode").GetString());
    }

    [Fact]
    public async Task A_gift_keeps_nobody_from_buying()
    {
        await application.WithDbAsync(async db =>
        {
            var plan = await db.Plans.SingleAsync(row => row.Code == "light");
            db.Subscriptions.Add(Subscription.Comp(Guid.CreateVersion7(), _person, plan, null, application.Clock.GetUtcNow()));
            return await db.SaveChangesAsync();
        });
        var buyer = application.Buyer(_person);
        Assert.Equal("comped", (await ShopApplication.CurrentAsync(buyer)).GetProperty("source").GetString());

        await application.BuyAsync(buyer);

        Assert.Equal("pro", (await ShopApplication.CurrentAsync(buyer)).GetProperty("planCode").GetString());
    }

    [Fact]
    public async Task A_lost_answer_is_found_again_by_its_reference()
    {
        application.Paddle.Fail(Fault.AnswerLost);

        var checkout = await ShopApplication.BeginAsync(application.Buyer(_person));

        Assert.Equal("open", checkout.GetProperty("status").GetString());
        Assert.Single(application.Paddle.Transactions.Values, transaction => BelongsTo(transaction, _person));
    }

    [Fact]
    public async Task A_call_that_got_lost_is_given_up_only_when_it_cannot_arrive_any_more()
    {
        var buyer = application.Buyer(_person);
        application.Paddle.Fail(Fault.Lost);
        var problem = await ShopApplication.PostAsync(buyer, Path, new { planCode = "pro" }, HttpStatusCode.ServiceUnavailable);
        Assert.EndsWith("payment-outcome-unknown", problem.GetProperty("type").GetString(), StringComparison.Ordinal);
        var keeper = application.Services.GetRequiredService<CheckoutKeeper>();
        await keeper.KeepAsync(CancellationToken.None);
        Assert.Equal(CheckoutStatus.Creating, (await LastAsync(_person)).Status);

        application.Clock.Advance(CheckoutSettlement.OnItsWay + TimeSpan.FromSeconds(1));
        await keeper.KeepAsync(CancellationToken.None);

        Assert.Equal(CheckoutStatus.Abandoned, (await LastAsync(_person)).Status);
        Assert.Equal("open", (await ShopApplication.BeginAsync(buyer)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task What_a_killed_process_has_begun_is_found_at_Paddle_and_handed_out()
    {
        // As it stands between Paddle's answer and our commit.
        var (checkout, transactionId) = await BeginAndForgetAsync();
        application.Clock.Advance(CheckoutSettlement.OnItsWay + TimeSpan.FromSeconds(1));

        await application.Services.GetRequiredService<CheckoutKeeper>().KeepAsync(CancellationToken.None);

        var found = await LastAsync(_person);
        Assert.Equal((checkout, CheckoutStatus.Open, transactionId), (found.Id, found.Status, found.TransactionId));
        var again = await ShopApplication.BeginAsync(application.Buyer(_person));
        Assert.Equal(checkout, again.GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task Whoever_asks_again_does_not_have_to_wait_for_the_worker()
    {
        var (checkout, _) = await BeginAndForgetAsync();
        application.Clock.Advance(CheckoutSettlement.OnItsWay + TimeSpan.FromSeconds(1));

        var again = await ShopApplication.BeginAsync(application.Buyer(_person));

        Assert.Equal(checkout, again.GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task A_paid_checkout_is_not_handed_out_again()
    {
        var buyer = application.Buyer(_person);
        var checkout = await ShopApplication.BeginAsync(buyer);
        var (_, subscription) = application.Paddle.Pay(ShopApplication.TransactionOf(checkout));

        var problem = await ShopApplication.PostAsync(buyer, Path, new { planCode = "pro" }, HttpStatusCode.Conflict);

        Assert.Equal("alreadyPaid", problem.GetProperty("code").GetString());
        Assert.Equal(CheckoutStatus.Completed, (await LastAsync(_person)).Status);

        // Nor is another one begun, whatever is wished for, until there is a subscription that says so itself.
        var again = await ShopApplication.PostAsync(buyer, Path, new { planCode = "pro" }, HttpStatusCode.Conflict);
        var other = await ShopApplication.PostAsync(buyer, Path, new { planCode = "light" }, HttpStatusCode.Conflict);
        Assert.Equal(("alreadyPaid", "alreadyPaid"), (again.GetProperty("code").GetString(), other.GetProperty("code").GetString()));
        Assert.Single(application.Paddle.Transactions.Values, transaction => BelongsTo(transaction, _person));
        await application.HearAsync(subscription);
        var subscribed = await ShopApplication.PostAsync(buyer, Path, new { planCode = "pro" }, HttpStatusCode.Conflict);
        Assert.Equal("alreadySubscribed", subscribed.GetProperty("code").GetString());
    }

    private async Task<(Guid Checkout, string Transaction)> BeginAndForgetAsync()
    {
        var checkout = await application.WithDbAsync(async db =>
        {
            var plan = await db.Plans.Include(row => row.Prices).SingleAsync(row => row.Code == "pro");
            var price = plan.Prices.Single(row => row.PaddleId == ShopApplication.ProMonthly);
            var begun = Checkout.Begin(Guid.CreateVersion7(), _person, plan, price, trialDays: null, _person.ToString(), application.Clock.GetUtcNow());
            db.Checkouts.Add(begun);
            await db.SaveChangesAsync();
            return begun;
        });
        var reference = application.Services.GetRequiredService<CheckoutReferences>().Create(checkout.Id, _person);
        var created = await application.Paddle.CreateTransactionAsync(
            new PaddleTransactionCreation { Items = [new PaddleItem(ShopApplication.ProMonthly)], CustomData = new() { ["reference"] = reference } }, CancellationToken.None);
        return (checkout.Id, created.OrThrow().Id);
    }

    private bool BelongsTo(PaddleTransaction transaction, Guid account) =>
        application.Services.GetRequiredService<CheckoutReferences>().Read(transaction.CustomData)?.AccountId == account;

    private Task<int> OpenAsync(Guid account) =>
        application.WithDbAsync(db => db.Checkouts.CountAsync(row => row.AccountId == account && row.Status == CheckoutStatus.Open));

    private Task<Checkout> LastAsync(Guid account) =>
        application.WithDbAsync(db => db.Checkouts.AsNoTracking().Where(row => row.AccountId == account).OrderByDescending(row => row.Id).FirstAsync());
}
