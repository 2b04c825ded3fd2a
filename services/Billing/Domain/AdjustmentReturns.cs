namespace BotGeneric.Billing.Domain;

/// <summary>What has come back of an adjustment to whom it was taken from.</summary>
/// <param name="IsUndone">Whether it no longer holds, in whole or in part.</param>
/// <param name="Total">How much has come back, with tax, in the smallest unit of the adjustment's currency; not negative.</param>
/// <param name="At">Since when, UTC.</param>
public sealed record AdjustmentReturn(bool IsUndone, long Total, DateTimeOffset At)
{
    /// <summary>Nothing.</summary>
    public static AdjustmentReturn Nothing { get; } = new(IsUndone: false, 0, DateTimeOffset.MinValue);
}

/// <summary>
/// Works out which adjustments were taken back. The provider may say it in two ways: the adjustment becomes reversed, or another one with the action
/// <c>…_reverse</c> stands beside it, or both. Either takes it back once, whichever is heard of first.
/// </summary>
public static class AdjustmentReturns
{
    private const string Reverse = "_reverse";

    /// <summary>Works it out from all that is known. The order does not matter.</summary>
    /// <param name="adjustments">All adjustments of some transactions.</param>
    /// <returns>What has come back, by the adjustment's id; what is not in it still holds.</returns>
    public static IReadOnlyDictionary<string, AdjustmentReturn> Of(IEnumerable<Adjustment> adjustments)
    {
        ArgumentNullException.ThrowIfNull(adjustments);
        var returns = new Dictionary<string, AdjustmentReturn>(StringComparer.Ordinal);
        foreach (var family in adjustments.GroupBy(entry => (entry.State.TransactionId, Family: FamilyOf(entry.State))))
        {
            var members = family.OrderBy(entry => entry.State.CreatedAt).ThenBy(entry => entry.PaddleId, StringComparer.Ordinal).ToList();
            Settle(members, returns);
        }

        return returns;
    }

    private static string FamilyOf(AdjustmentState state) => state.IsReverse ? state.Action[..^Reverse.Length] : state.Action;

    private static void Settle(List<Adjustment> members, Dictionary<string, AdjustmentReturn> returns)
    {
        var reverses = members.Where(entry => entry.State is { IsReverse: true, Status: AdjustmentStatus.Approved }).ToList();
        var taken = members.Where(entry => !entry.State.IsReverse).ToList();
        foreach (var gone in taken.Where(entry => entry.State.Status is AdjustmentStatus.Rejected or AdjustmentStatus.Reversed))
        {
            returns[gone.PaddleId] = new AdjustmentReturn(IsUndone: true, AmountOf(gone), gone.LastEventAt);
            if (gone.State.Status == AdjustmentStatus.Reversed && reverses.Find(reverse => AmountOf(reverse) == AmountOf(gone)) is { } same)
            {
                reverses.Remove(same);
            }
        }

        var holding = taken.Where(entry => entry.State is { Status: AdjustmentStatus.Approved, IsMoneyMoved: true }).ToList();
        foreach (var reverse in reverses)
        {
            Allocate(reverse, holding, returns);
        }
    }

    // To the one of the same amount first: of two chargebacks of one payment only one may have been won.
    private static void Allocate(Adjustment reverse, List<Adjustment> holding, Dictionary<string, AdjustmentReturn> returns)
    {
        var rest = AmountOf(reverse);
        foreach (var adjustment in holding.OrderBy(entry => Left(entry, returns) != rest).ToList())
        {
            var part = Math.Min(rest, Left(adjustment, returns));
            var before = returns.GetValueOrDefault(adjustment.PaddleId, AdjustmentReturn.Nothing);
            if (part > 0 || (AmountOf(adjustment) == 0 && !before.IsUndone))
            {
                returns[adjustment.PaddleId] = new AdjustmentReturn(IsUndone: true, before.Total + part, reverse.State.CreatedAt);
                rest -= part;
            }

            if (rest == 0)
            {
                return;
            }
        }
    }

    private static long Left(Adjustment adjustment, Dictionary<string, AdjustmentReturn> returns) =>
        AmountOf(adjustment) - returns.GetValueOrDefault(adjustment.PaddleId, AdjustmentReturn.Nothing).Total;

    private static long AmountOf(Adjustment adjustment) => Math.Abs(adjustment.State.Total);
}
