using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BotGeneric.Billing.Paddle;

namespace BotGeneric.Billing.Tests.Paddle;

public sealed class EntityTests
{
    [Fact]
    public void A_subscription_is_read_with_its_lines_prices_and_what_is_ahead()
    {
        var subscription = Read(PaddleJson.Default.PaddleSubscription, PaddleShapes.Subscription);

        Assert.Equal(("sub_1", "active", "ctm_1", "USD"), (subscription.Id, subscription.Status, subscription.CustomerId, subscription.CurrencyCode));
        Assert.Null(subscription.NextBilledAt);
        Assert.Equal(new PaddleDuration("month", 1), subscription.BillingCycle);
        Assert.Equal(("cancel", new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero)), (subscription.ScheduledChange!.Action, subscription.ScheduledChange.EffectiveAt));
        var item = Assert.Single(subscription.Items);
        Assert.Equal((3, true, "trialing"), (item.Quantity, item.Recurring, item.Status));
        Assert.Equal(("pri_1", "pro_1", 100), (item.Price.Id, item.Product!.Id, item.Price.Quantity!.Maximum));
        Assert.Equal((14, true), (item.Price.TrialPeriod!.Frequency, item.Price.TrialPeriod.RequiresPaymentMethod));
        Assert.Equal(100, item.Price.TrialPeriod.UnitPrice!.ToMinorUnits());
        var inGermany = Assert.Single(item.Price.UnitPriceOverrides);
        Assert.Equal(["DE", "FR"], inGermany.CountryCodes);
        Assert.Equal(("EUR", 700L), (inGermany.UnitPrice.CurrencyCode, inGermany.UnitPrice.ToMinorUnits()));
        Assert.Equal("order-7", subscription.CustomData!.Value.GetProperty("reference").GetString());
    }

    [Fact]
    public void A_transaction_is_read_with_its_totals_lines_and_payments()
    {
        var transaction = Read(PaddleJson.Default.PaddleTransaction, PaddleShapes.Transaction);

        Assert.Equal(("txn_1", "completed", "JPY", "subscription_recurring"), (transaction.Id, transaction.Status, transaction.CurrencyCode, transaction.Origin));
        Assert.Equal(("1100", "40", "0"), (transaction.Details!.Totals!.GrandTotal, transaction.Details.Totals.Fee, transaction.Details.Totals.Balance));
        Assert.Equal("USD", transaction.Details.PayoutTotals!.CurrencyCode);
        Assert.Equal("txnitm_1", Assert.Single(transaction.Details.LineItems).Id);
        Assert.Equal(["captured", "error"], transaction.Payments.Select(payment => payment.Status));
        Assert.Equal(("declined", "4242"), (transaction.Payments[1].ErrorCode, transaction.Payments[0].MethodDetails!.Card!.Last4));
        Assert.Equal("0.62305", Assert.Single(transaction.Items).Proration!.Rate);
    }

    [Fact]
    public void What_is_missing_null_or_unknown_does_not_make_an_entity_unreadable()
    {
        var transaction = Read(PaddleJson.Default.PaddleTransaction, """
            { "id": "txn_1", "status": "of_the_future", "currency_code": "USD", "items": null, "payments": null,
              "details": { "line_items": null, "totals": null, "a_new_sum": { "a": [1] } }, "checkout": null, "a_new_member": 7 }
            """);
        var price = Read(PaddleJson.Default.PaddlePrice, """{ "id": "pri_1", "tax_mode": "by_the_moon" }""");
        var adjustment = Read(PaddleJson.Default.PaddleAdjustment, """
            { "id": "adj_1", "action": "chargeback_of_the_future", "transaction_id": "txn_1", "customer_id": "ctm_1", "currency_code": "USD", "status": "odd" }
            """);

        Assert.Equal("of_the_future", transaction.Status);
        Assert.Empty(transaction.Items);
        Assert.Empty(transaction.Payments);
        Assert.Empty(transaction.Details!.LineItems);
        Assert.Empty(transaction.Details.TaxRatesUsed);
        Assert.Equal("by_the_moon", price.TaxMode);
        Assert.Empty(price.UnitPriceOverrides);
        Assert.Equal(("chargeback_of_the_future", "odd"), (adjustment.Action, adjustment.Status));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "id": null, "status": "active", "customer_id": "c", "items": [] }""")]
    [InlineData("""{ "id": "sub_1", "customer_id": "c", "items": [] }""")]
    [InlineData("""{ "id": "sub_1", "status": 1, "customer_id": "c", "items": [] }""")]
    public void An_entity_without_what_every_one_has_is_refused(string json) =>
        Assert.Throws<JsonException>(() => Read(PaddleJson.Default.PaddleSubscription, json));

    [Theory]
    [InlineData("2026-01-02T03:04:05Z", 0)]
    [InlineData("2026-01-02T03:04:05.1Z", 1_000_000)]
    [InlineData("2026-01-02T03:04:05.123Z", 1_230_000)]
    [InlineData("2026-01-02T03:04:05.123456Z", 1_234_560)]
    [InlineData("2026-01-02T03:04:05.123456789Z", 1_234_567)]
    [InlineData("2026-01-02T05:04:05.123456789+02:00", 1_234_567)]
    public void Times_have_no_to_nine_fractional_digits(string written, int ticks)
    {
        var time = Read(PaddleJson.Default.PaddleAdjustment, $$"""
            { "id": "a", "action": "refund", "transaction_id": "t", "customer_id": "c", "currency_code": "USD", "status": "approved", "created_at": "{{written}}" }
            """).CreatedAt;

        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(ticks), time);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1000", 1000)]
    [InlineData("-4927", -4927)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void An_amount_is_whole_minor_units(string amount, long minorUnits) => Assert.Equal(minorUnits, PaddleAmount.ToMinorUnits(amount));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("10.00")]
    [InlineData("1e3")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("+1")]
    [InlineData("1,000")]
    [InlineData("-")]
    [InlineData("٣")]
    [InlineData("9223372036854775808")]
    [InlineData("000000000000000000000000000001")]
    public void Anything_else_is_no_amount_and_never_a_guess(string? amount)
    {
        Assert.False(PaddleAmount.TryRead(amount, out var minorUnits));
        Assert.Equal(0, minorUnits);
        Assert.Throws<JsonException>(() => PaddleAmount.ToMinorUnits(amount));
    }

    [Theory]
    [InlineData(1000, 2, "10.00")]
    [InlineData(1000, 0, "1000")]
    [InlineData(-4927, 2, "-49.27")]
    [InlineData(5, 3, "0.005")]
    [InlineData(long.MaxValue, 2, "92233720368547758.07")]
    [InlineData(long.MinValue, 2, "-92233720368547758.08")]
    public void Minor_units_become_the_exact_amount_of_the_currency(long minorUnits, int decimalPlaces, string expected) =>
        Assert.Equal(expected, PaddleAmount.ToDecimal(minorUnits, decimalPlaces).ToString(System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void The_text_form_of_what_is_personal_or_a_credential_tells_nothing()
    {
        var customer = Read(PaddleJson.Default.PaddleCustomer, """{ "id": "ctm_1", "email": "lee@example.com", "name": "Lee" }""");
        var session = Read(PaddleJson.Default.PaddlePortalSession, PaddleShapes.PortalSession);

        Assert.Equal("ctm_1", customer.ToString());
        Assert.Equal("https://portal.example/cancel?token=pga_secret", Assert.Single(session.Urls.Subscriptions!).CancelSubscription);
        Assert.DoesNotContain("token", $"{session} {session.Urls} {session.Urls.General} {session.Urls.Subscriptions![0]}", StringComparison.Ordinal);
    }

    private static T Read<T>(JsonTypeInfo<T> type, string json) => JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(json), type)!;
}
