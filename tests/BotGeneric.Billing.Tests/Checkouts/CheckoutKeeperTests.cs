using System.Net;
using System.Text.Json;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Billing.Tests.Shop;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Checkouts;

/// <summary>Looking after checkouts when something is wrong with one of them, or with Paddle.</summary>
public sealed class CheckoutKeeperTests : IAsyncLifetime
{
    private static readonly PaddleFailure Away = new(PaddleOutcome.Unavailable);
    private static readonly TimeSpan TooOld = TimeSpan.FromDays(3) + TimeSpan.FromMinutes(1);

    private readonly ShopApplication _application = new();

    public Task InitializeAsync() => _application.InitializeAsync();

    public Task DisposeAsync() => ((IAsyncLifetime)_application).DisposeAsync();

    [Fact]
    public async Task Somebody_elses_transaction_that_cannot_be_read_keeps_no_checkout_from_its_end()
    {
        var checkout = await LoseAsync();
        _application.Paddle.Unreadable.Enqueue(new PaddleUnreadable("txn_strange", "$.details", null));
        _application.Clock.Advance(CheckoutSettlement.OnItsWay + TimeSpan.FromSeconds(1));

        await KeepAsync();

        Assert.Equal(CheckoutStatus.Abandoned, await StatusAsync(checkout));
    }

    [Fact]
    public async Task A_transaction_that_cannot_be_read_is_not_taken_for_one_that_is_not_there()
    {
        var checkout = await LoseAsync();
        var reference = await ReferenceAsync(checkout);
        _application.Paddle.Unreadable.Enqueue(new PaddleUnreadable("txn_strange", "$.details", JsonSerializer.SerializeToElement(new { reference })));
        _application.Clock.Advance(CheckoutSettlement.OnItsWay + TimeSpan.FromSeconds(1));

        await KeepAsync();
        Assert.Equal(CheckoutStatus.Creating, await StatusAsync(checkout));

        // It keeps nobody from buying for longer than an open one would.
        _application.Clock.Advance(TooOld);
        await KeepAsync();
        Assert.Equal(CheckoutStatus.Abandoned, await StatusAsync(checkout));
    }

    [Fact]
    public async Task Checkouts_that_fail_keep_no_other_one_waiting()
    {
        var stuck = new List<string>();
        for (var number = 0; number < 4; number++)
        {
            stuck.Add(ShopApplication.TransactionOf(await BeginAsync()));
        }

        var other = await BeginAsync();
        stuck.ForEach(transaction => _application.Paddle.Troubles[transaction] = Away);
        _application.Clock.Advance(TooOld);

        // Some in a row look like an outage, which ends a round; the next one begins behind them.
        await KeepAsync();
        await KeepAsync();
        Assert.Equal(CheckoutStatus.Abandoned, await StatusAsync(IdOf(other)));

        // Those that failed are not tried at once again, and not forgotten.
        var asked = _application.Paddle.Asked;
        await KeepAsync();
        Assert.Equal(asked, _application.Paddle.Asked);
        _application.Paddle.Troubles.Clear();
        _application.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(4, await KeepAsync());
    }

    [Fact]
    public async Task A_checkout_that_cannot_be_written_keeps_no_other_one_waiting()
    {
        var (damaged, other) = (await BeginAsync(), await BeginAsync());
        await using var trouble = await Trouble.BeginAsync(_application.Database.ConnectionString, "checkouts", $"NEW.id = '{IdOf(damaged)}'", Trouble.Error("22000"));
        _application.Clock.Advance(TooOld);

        await KeepAsync();

        Assert.Equal((CheckoutStatus.Open, CheckoutStatus.Abandoned), (await StatusAsync(IdOf(damaged)), await StatusAsync(IdOf(other))));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(429)]
    public async Task A_key_that_is_refused_ends_the_round_and_no_checkout_is_blamed(int status)
    {
        for (var number = 0; number < 4; number++)
        {
            await BeginAsync();
        }

        _application.Clock.Advance(TooOld);
        _application.Paddle.Refusal = new PaddleFailure(PaddleOutcome.Refused, new PaddleError(status, "refused", null, [], null));
        var asked = _application.Paddle.Asked;

        Assert.Equal(0, await KeepAsync());

        // Canceling it, and looking at it.
        Assert.InRange(_application.Paddle.Asked - asked, 1, 2);
        _application.Paddle.Refusal = null;
        Assert.Equal(4, await KeepAsync());
    }

    private Task<int> KeepAsync() => _application.Services.GetRequiredService<CheckoutKeeper>().KeepAsync(CancellationToken.None);

    private Task<JsonElement> BeginAsync() => ShopApplication.BeginAsync(_application.Buyer(Guid.CreateVersion7()));

    private async Task<Guid> LoseAsync()
    {
        var person = Guid.CreateVersion7();
        _application.Paddle.Fail(Fault.Lost);
        await ShopApplication.PostAsync(_application.Buyer(person), "/api/subscriptions/checkout", new { planCode = "pro" }, HttpStatusCode.ServiceUnavailable);
        return await _application.WithDbAsync(db => db.Checkouts.Where(row => row.AccountId == person).Select(row => row.Id).SingleAsync());
    }

    private async Task<string> ReferenceAsync(Guid checkout)
    {
        var account = await _application.WithDbAsync(db => db.Checkouts.Where(row => row.Id == checkout).Select(row => row.AccountId).SingleAsync());
        return _application.Services.GetRequiredService<CheckoutReferences>().Create(checkout, account);
    }

    private Task<CheckoutStatus> StatusAsync(Guid checkout) =>
        _application.WithDbAsync(db => db.Checkouts.Where(row => row.Id == checkout).Select(row => row.Status).SingleAsync());

    private static Guid IdOf(JsonElement checkout) => checkout.GetProperty("id").GetGuid();
}
