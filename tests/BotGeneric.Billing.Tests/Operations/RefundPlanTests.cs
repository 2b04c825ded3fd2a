using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Payments;

namespace BotGeneric.Billing.Tests.Operations;

/// <summary>Which lines a refund is taken from, and what is left of them.</summary>
public sealed class RefundPlanTests
{
    [Fact]
    public void An_amount_is_taken_from_the_lines_in_their_order()
    {
        var plan = Plan([], new RefundRequest(RefundType.Partial, "x", Amount: "25.00"));

        Assert.Equal([("txnitm_a", 0L), ("txnitm_b", 500L)], plan.Items!.Select(item => (item.ItemId, item.Amount ?? 0)));
    }

    [Fact]
    public void What_waits_for_approval_is_gone_and_what_was_rejected_is_not()
    {
        PaddleAdjustment[] before = [Adjustment("refund", "pending_approval", "1500"), Adjustment("refund", "rejected", "2000")];

        var plan = Plan(before, new RefundRequest(RefundType.Partial, "x", Amount: "14.00"));
        var rest = Plan(before, new RefundRequest(RefundType.Partial, "x", Items: [new RefundLine("txnitm_a")]));

        Assert.Equal([("txnitm_a", 500L), ("txnitm_b", 900L)], plan.Items!.Select(item => (item.ItemId, item.Amount!.Value)));
        Assert.Equal(500, Assert.Single(rest.Items!).Amount);
    }

    [Fact]
    public void A_chargeback_that_was_reversed_can_be_given_back_again()
    {
        PaddleAdjustment[] before = [Adjustment("chargeback", "approved", "2000"), Adjustment("chargeback_reverse", "approved", "2000")];

        Assert.Null(Plan(before, new RefundRequest(RefundType.Full, "x")).Problem);
        Assert.NotNull(Plan(before[..1], new RefundRequest(RefundType.Full, "x")).Problem);
    }

    [Fact]
    public void A_chargeback_that_says_itself_and_by_a_reverse_that_it_was_won_leaves_no_more_than_a_refund_has_left()
    {
        PaddleAdjustment[] before =
        [
            Adjustment("refund", "approved", "500"), Adjustment("chargeback", "reversed", "1500"), Adjustment("chargeback_reverse", "approved", "1500"),
        ];

        var rest = Plan(before, new RefundRequest(RefundType.Partial, "x", Items: [new RefundLine("txnitm_a")]));

        Assert.Equal(1500, Assert.Single(rest.Items!).Amount);
    }

    [Theory]
    [InlineData("30.01")]
    [InlineData("0.001")]
    public void More_than_is_left_and_less_than_the_smallest_unit_are_refused(string amount) =>
        Assert.NotNull(Plan([], new RefundRequest(RefundType.Partial, "x", Amount: amount)).Problem);

    [Fact]
    public void A_line_that_is_not_there_is_refused_by_the_names_of_those_that_are() => Assert.Contains(
        "txnitm_a, txnitm_b", Plan([], new RefundRequest(RefundType.Partial, "x", Items: [new RefundLine("txnitm_c")])).Problem, StringComparison.Ordinal);

    [Fact]
    public void An_upgrade_is_given_back_as_a_whole_or_up_to_what_was_paid_for_it()
    {
        var all = RefundPlan.Make(Upgrade, [], new RefundRequest(RefundType.Full, "x"), CurrencyTable.Iso4217);
        var most = RefundPlan.Make(Upgrade, [], new RefundRequest(RefundType.Partial, "x", Amount: "60.00"), CurrencyTable.Iso4217);
        var more = RefundPlan.Make(Upgrade, [], new RefundRequest(RefundType.Partial, "x", Amount: "60.01"), CurrencyTable.Iso4217);

        Assert.Equal((null, null), (all.Problem, all.Items));
        Assert.Equal(("txnitm_new", 6000L), (Assert.Single(most.Items!).ItemId, most.Items![0].Amount!.Value));
        Assert.Contains("60.00 USD", more.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("txnitm_old", null, "29.27 USD")]
    [InlineData("txnitm_old", "1.00", "29.27 USD")]
    [InlineData("txnitm_new", null, "60.00 USD")]
    [InlineData("txnitm_new", "60.01", "60.00 USD")]
    public void Of_the_lines_of_an_upgrade_no_more_is_given_back_than_was_paid_for_all(string line, string? amount, string said) => Assert.Contains(
        said,
        RefundPlan.Make(Upgrade, [], new RefundRequest(RefundType.Partial, "x", Items: [new RefundLine(line, amount)]), CurrencyTable.Iso4217).Problem,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("-2927")]
    [InlineData("2927")]
    public void Of_an_upgrade_that_was_given_back_nothing_is_left_whatever_the_sign_of_the_line_that_was_taken_off(string takenOff)
    {
        var whole = Adjustment("refund", "approved", "0") with
        {
            Items =
            [
                new PaddleAdjustmentItem { ItemId = "txnitm_new", Type = "full", Amount = "8927" },
                new PaddleAdjustmentItem { ItemId = "txnitm_old", Type = "full", Amount = takenOff },
            ],
        };
        var part = whole with { Items = [new PaddleAdjustmentItem { ItemId = "txnitm_new", Type = "partial", Amount = "1000" }] };

        Assert.Contains("Nothing", RefundPlan.Make(Upgrade, [whole], new RefundRequest(RefundType.Full, "x"), CurrencyTable.Iso4217).Problem, StringComparison.Ordinal);
        Assert.Contains("50.00 USD", RefundPlan.Make(Upgrade, [part], new RefundRequest(RefundType.Full, "x"), CurrencyTable.Iso4217).Problem, StringComparison.Ordinal);
        Assert.Null(RefundPlan.Make(Upgrade, [part], new RefundRequest(RefundType.Partial, "x", Amount: "50.00"), CurrencyTable.Iso4217).Problem);
    }

    private static RefundPlan Plan(IReadOnlyList<PaddleAdjustment> before, RefundRequest request) =>
        RefundPlan.Make(Payment, before, request, CurrencyTable.Iso4217);

    // The rest of a period at the new price, less the rest of it at the old one.
    private static PaddleTransaction Upgrade { get; } = new()
    {
        Id = "txn_1",
        Status = "completed",
        CurrencyCode = "USD",
        Details = new PaddleTransactionDetails { LineItems = [Line("txnitm_new", "8927"), Line("txnitm_old", "-2927")] },
    };

    private static PaddleTransaction Payment { get; } = new()
    {
        Id = "txn_1",
        Status = "completed",
        CurrencyCode = "USD",
        Details = new PaddleTransactionDetails { LineItems = [Line("txnitm_a", "2000"), Line("txnitm_b", "1000")] },
    };

    private static PaddleLineItem Line(string id, string total) => new() { Id = id, Quantity = 1, Totals = new PaddleTotals { Subtotal = total, Tax = "0", Total = total } };

    private static PaddleAdjustment Adjustment(string action, string status, string amount) => new()
    {
        Id = "adj_1",
        Action = action,
        TransactionId = "txn_1",
        CustomerId = "ctm_1",
        CurrencyCode = "USD",
        Status = status,
        Items = [new PaddleAdjustmentItem { ItemId = "txnitm_a", Type = "partial", Amount = amount }],
    };
}
