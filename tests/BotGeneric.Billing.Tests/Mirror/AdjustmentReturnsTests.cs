using System.Globalization;
using BotGeneric.Billing.Domain;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>What has come back of chargebacks and credits, however the provider says so.</summary>
public sealed class AdjustmentReturnsTests
{
    private static readonly DateTimeOffset Time = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_holds_has_not_come_back() =>
        Assert.Empty(AdjustmentReturns.Of([Adjustment("a", "chargeback", 30), Adjustment("b", "refund", 5)]));

    [Theory]
    [InlineData(AdjustmentStatus.Reversed, false)]
    [InlineData(AdjustmentStatus.Approved, true)]
    [InlineData(AdjustmentStatus.Reversed, true)]
    public void A_chargeback_comes_back_once_whether_itself_or_a_reverse_or_both_say_so(AdjustmentStatus status, bool hasReverse)
    {
        List<Adjustment> known = [Adjustment("a", "chargeback", 30, status)];
        if (hasReverse)
        {
            known.Insert(0, Adjustment("b", "chargeback_reverse", 30));
        }

        Assert.Equal("a 30", Read(known));
    }

    [Fact]
    public void A_reverse_of_something_that_nobody_has_heard_of_waits() =>
        Assert.Empty(AdjustmentReturns.Of([Adjustment("b", "chargeback_reverse", 30), Adjustment("c", "refund", 30)]));

    [Fact]
    public void Of_two_chargebacks_the_one_of_the_amount_comes_back() => Assert.Equal(
        "b 20", Read([Adjustment("a", "chargeback", 10), Adjustment("b", "chargeback", 20), Adjustment("c", "chargeback_reverse", 20)]));

    [Fact]
    public void Two_chargebacks_that_are_won_in_two_ways_both_come_back() => Assert.Equal(
        "a 10, b 20",
        Read([Adjustment("a", "chargeback", 10, AdjustmentStatus.Reversed), Adjustment("b", "chargeback", 20), Adjustment("c", "chargeback_reverse", 20)]));

    [Fact]
    public void Part_of_a_chargeback_may_come_back_and_never_more_than_was_taken() => Assert.Equal(
        "a 30",
        Read([Adjustment("a", "chargeback", 30), Adjustment("b", "chargeback_reverse", 20), Adjustment("c", "chargeback_reverse", 20)]));

    [Fact]
    public void Credit_on_the_balance_was_never_given_so_its_reverse_brings_nothing_back() => Assert.Empty(AdjustmentReturns.Of(
        [Adjustment("a", "credit", 30, goesToBalance: true), Adjustment("b", "credit_reverse", 30)]));

    [Fact]
    public void What_is_refused_or_reversed_after_all_has_come_back_whatever_it_was() => Assert.Equal(
        "a 5, b 7", Read([Adjustment("a", "refund", 5, AdjustmentStatus.Rejected), Adjustment("b", "refund", 7, AdjustmentStatus.Reversed)]));

    // Orders must not matter, so each is read in both.
    private static string Read(List<Adjustment> known)
    {
        var read = Write(known);
        known.Reverse();
        Assert.Equal(read, Write(known));
        return read;
    }

    private static string Write(IEnumerable<Adjustment> known) => string.Join(
        ", ", AdjustmentReturns.Of(known).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value.Total}")));

    private static Adjustment Adjustment(
        string id, string action, long total, AdjustmentStatus status = AdjustmentStatus.Approved, bool goesToBalance = false)
    {
        var adjustment = Domain.Adjustment.Track(id);
        var state = new AdjustmentState(status, status.ToString(), action, "partial", "txn_1", null, "ctm_1", null, "USD", total, 0, total, Time.AddMinutes(id[0]))
        {
            GoesToBalance = goesToBalance,
        };
        adjustment.Apply(SnapshotVersion.Of(Time, Time, (int)status, "evt_1"), state);
        return adjustment;
    }
}
