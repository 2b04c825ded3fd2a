using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Domain;

namespace BotGeneric.Billing.Tests.Catalogue;

public sealed class PriceSelectionTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(null, null, 1000, "USD")]
    [InlineData(null, "EUR", 900, "EUR")]
    [InlineData("FR", null, 900, "EUR")]
    [InlineData("JP", null, 1500, "JPY")]
    [InlineData("GB", "EUR", 800, "GBP")]
    [InlineData("ZZ", null, 1000, "USD")]
    [InlineData("US", "CHF", 1000, "USD")]
    public void The_country_goes_before_the_currency_and_the_currency_before_the_default(string? country, string? currency, long minor, string expected)
    {
        var plan = PlanWith(
            Price(1, BillingInterval.Month, new Money(1000, "USD"), new PriceOverride(["GB"], new Money(800, "GBP"))),
            Price(1, BillingInterval.Month, new Money(900, "EUR")),
            Price(1, BillingInterval.Month, new Money(1500, "JPY")));

        var offer = Assert.Single(PriceSelection.Offers(plan, new Buyer(country, currency), "USD"));

        Assert.Equal(new Money(minor, expected), offer.Amount);
    }

    [Fact]
    public void Of_two_versions_the_newer_one_is_sold_and_none_that_is_archived()
    {
        var (old, present, gone) = (
            Price(1, BillingInterval.Month, new Money(1000, "USD")), Price(2, BillingInterval.Month, new Money(1200, "USD")), Price(3, BillingInterval.Month, new Money(1, "USD")));
        gone.Archive(Start);

        var offer = Assert.Single(PriceSelection.Offers(PlanWith(old, present, gone), Buyer.Anybody, "USD"));

        Assert.Same(present, offer.Price);
    }

    [Fact]
    public void Cycles_are_offered_from_the_shortest_on()
    {
        var plan = PlanWith(
            Price(1, BillingInterval.Year, new Money(100, "USD")), Price(1, BillingInterval.Week, new Money(3, "USD")), Price(1, BillingInterval.Month, new Money(10, "USD")));

        Assert.Equal(
            [BillingInterval.Week, BillingInterval.Month, BillingInterval.Year],
            PriceSelection.Offers(plan, Buyer.Anybody, "USD").Select(offer => offer.Price.Terms.Interval));
    }

    [Theory]
    [InlineData("GBP", 800, "GBP")]
    [InlineData("EUR", 900, "EUR")]
    [InlineData("CHF", 1000, "USD")]
    [InlineData(null, 1000, "USD")]
    public void A_subscriber_is_offered_what_is_paid_in_already(string? currency, long minor, string expected)
    {
        var plan = PlanWith(
            Price(1, BillingInterval.Month, new Money(1000, "USD"), new PriceOverride(["GB"], new Money(800, "GBP"))), Price(1, BillingInterval.Month, new Money(900, "EUR")));

        Assert.Equal(new Money(minor, expected), PriceSelection.InCurrency(plan, BillingInterval.Month, 1, currency, "USD")!.Amount);
        Assert.Null(PriceSelection.InCurrency(plan, BillingInterval.Year, 1, currency, "USD"));
    }

    private static Price Price(int version, BillingInterval interval, Money amount, params PriceOverride[] overrides) => Domain.Price.Create(
        Guid.CreateVersion7(), "pro", version, new PriceTerms(interval, 1, amount, overrides), $"pri_{Guid.CreateVersion7():N}", Start);

    private static Plan PlanWith(params Price[] prices)
    {
        var plan = Plan.Create("pro", new PlanTerms(Plan.DefaultProduct, new LocalizedText("Pro"), null, [], [], null), new PlanListing());
        plan.Prices.AddRange(prices);
        return plan;
    }
}
