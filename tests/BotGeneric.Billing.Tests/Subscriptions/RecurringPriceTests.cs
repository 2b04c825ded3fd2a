using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Subscriptions;

namespace BotGeneric.Billing.Tests.Subscriptions;

/// <summary>What a subscription costs where a price has amounts of its own for some countries.</summary>
public sealed class RecurringPriceTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("GBP", "800")]
    [InlineData("USD", "1000 1200")]
    [InlineData("EUR", "900 950")]
    [InlineData("JPY", "")]
    public void Every_amount_in_the_currency_is_possible(string currency, string expected) =>
        Assert.Equal(expected, string.Join(' ', RecurringPrice.Candidates(State(currency), Prices).Order()));

    [Fact]
    public void Quantities_and_lines_add_up_and_what_is_charged_once_does_not_count()
    {
        SubscriptionItem[] items = [Item("pri_plan", 2), Item("pri_seat", 3) with { UnitPrice = new Money(100, "USD") }, Item("pri_setup", 1) with { Interval = null }];

        Assert.Equal([2300L, 2700L], RecurringPrice.Candidates(State("USD", items), Prices).Order());
    }

    [Theory]
    [InlineData("USD", 1000, 1200, null)]
    [InlineData("USD", 1000, 1190, 1000L)]
    [InlineData("USD", 1008, 1200, 1200L)]
    [InlineData("EUR", 950, 1131, 950L)]
    [InlineData("EUR", 756, 900, 900L)]
    [InlineData("EUR", 700, 833, null)]
    public void The_last_payment_says_which_one_it_is_with_tax_in_the_price_or_on_top(string currency, long subtotal, long total, long? expected)
    {
        var state = State(currency);

        Assert.Equal(expected, RecurringPrice.Paid(state, RecurringPrice.Candidates(state, Prices), Payment(currency, subtotal, total)));
    }

    [Fact]
    public void A_payment_for_something_else_or_in_another_currency_says_nothing()
    {
        var state = State("EUR");
        var candidates = RecurringPrice.Candidates(state, Prices);

        Assert.Null(RecurringPrice.Paid(state, candidates, Payment("USD", 900, 900)));
        Assert.Null(RecurringPrice.Paid(state, candidates, Payment("EUR", 900, 900) with { Items = [Item("pri_other", 1)] }));
        Assert.Null(RecurringPrice.Paid(state, candidates, paid: null));
    }

    private static Dictionary<string, Price> Prices { get; } = new()
    {
        ["pri_plan"] = Price.Create(
            Guid.CreateVersion7(), "plan", 1,
            new PriceTerms(BillingInterval.Month, 1, new Money(1000, "USD"),
            [
                new(["CA"], new Money(1200, "USD")), new(["DE"], new Money(900, "EUR")), new(["FR"], new Money(950, "EUR")), new(["IT"], new Money(900, "EUR")),
                new(["GB"], new Money(800, "GBP")),
            ]),
            "pri_plan", Start),
    };

    private static SubscriptionState State(string currency, params SubscriptionItem[] items) => SubscriptionState.Unknown with
    {
        Status = SubscriptionStatus.Active,
        Currency = currency,
        Items = items.Length == 0 ? [Item("pri_plan", 1)] : items,
    };

    private static SubscriptionItem Item(string price, int quantity) => new(price, "pro_1", "Monthly", quantity, new Money(1000, "USD"), BillingInterval.Month, 1);

    private static TransactionState Payment(string currency, long subtotal, long total) => TransactionState.Unknown with
    {
        Status = TransactionStatus.Completed,
        Currency = currency,
        Items = [Item("pri_plan", 1)],
        Totals = TransactionTotals.None with { Subtotal = subtotal, Tax = total - subtotal, Total = total, GrandTotal = total },
    };
}
