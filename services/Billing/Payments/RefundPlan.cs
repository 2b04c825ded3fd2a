using System.Globalization;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;

namespace BotGeneric.Billing.Payments;

/// <summary>What to ask Paddle for, or why it cannot be asked.</summary>
/// <param name="Items">What is given back of which line; null: everything.</param>
/// <param name="Problem">Why not.</param>
internal sealed record RefundPlan(IReadOnlyList<PaddleRefundItem>? Items, string? Problem)
{
    private static readonly string[] Taken =
        [PaddleAdjustmentActions.Refund, PaddleAdjustmentActions.Chargeback, PaddleAdjustmentActions.ChargebackReverse];

    /// <summary>Works out which lines an amount is taken from.</summary>
    /// <param name="payment">The payment as Paddle has it.</param>
    /// <param name="adjustments">What was given or taken back of it.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="currencies">Knows how many decimals amounts have.</param>
    internal static RefundPlan Make(PaddleTransaction payment, IReadOnlyList<PaddleAdjustment> adjustments, RefundRequest request, CurrencyTable currencies)
    {
        var left = Left(payment, adjustments);
        var total = left.Sum(line => line.Left);
        if (total <= 0)
        {
            return Refuse("Nothing of this payment is left to be given back.");
        }

        if (request.Type == RefundType.Full)
        {
            return left.Any(line => line.Left != line.Total)
                ? Refuse($"Part of this payment was given back already. Send a partial refund of at most {Text(total, payment, currencies)}.")
                : new RefundPlan(null, null);
        }

        return request.Items is { Count: > 0 } items
            ? ByItems(payment, left, total, items, currencies)
            : ByAmount(payment, left, total, RefundAmount.Read(request.Amount!)!.Value, currencies);
    }

    private static RefundPlan ByItems(PaddleTransaction payment, IReadOnlyList<Line> left, long total, IReadOnlyList<RefundLine> wanted, CurrencyTable currencies)
    {
        var items = new List<PaddleRefundItem>();
        var sum = 0L;
        foreach (var line in wanted)
        {
            if (left.FirstOrDefault(candidate => candidate.Id == line.ItemId) is not { } known)
            {
                return Refuse($"The payment has no line {line.ItemId}. Its lines are {string.Join(", ", left.Select(candidate => candidate.Id))}.");
            }

            if (known.Left <= 0)
            {
                return Refuse(known.Total < 0
                    ? $"The line {line.ItemId} took {Text(-known.Total, payment, currencies)} off the payment: nothing of it can be given back."
                    : $"Nothing of the line {line.ItemId} is left to be given back.");
            }

            var amount = line.Amount is { } asked ? Money.FromDecimal(RefundAmount.Read(asked)!.Value, payment.CurrencyCode, currencies)?.Minor : known.Left;
            if (amount is not > 0 || amount > known.Left)
            {
                return Refuse($"Of the line {line.ItemId} at most {Text(known.Left, payment, currencies)} can be given back.");
            }

            items.Add(amount == known.Total ? new PaddleRefundItem(known.Id) : new PaddleRefundItem(known.Id, amount));
            sum = checked(sum + amount.Value);
        }

        // What an upgrade credits for the plan before stands in lines below 0: the others together are more than was paid.
        return sum > total ? Refuse($"At most {Text(total, payment, currencies)} is left to be given back.") : new RefundPlan(items, null);
    }

    private static RefundPlan ByAmount(PaddleTransaction payment, IReadOnlyList<Line> left, long total, decimal wanted, CurrencyTable currencies)
    {
        if (Money.FromDecimal(wanted, payment.CurrencyCode, currencies) is not { Minor: > 0 } amount)
        {
            return Refuse($"Send an amount above 0 with at most {currencies.DecimalPlaces(payment.CurrencyCode)} decimals.");
        }

        if (amount.Minor > total)
        {
            return Refuse($"At most {Text(total, payment, currencies)} is left to be given back.");
        }

        var items = new List<PaddleRefundItem>();
        var rest = amount.Minor;
        foreach (var line in left.Where(line => line.Left > 0))
        {
            var part = Math.Min(rest, line.Left);
            if (part > 0)
            {
                items.Add(part == line.Total ? new PaddleRefundItem(line.Id) : new PaddleRefundItem(line.Id, part));
                rest -= part;
            }
        }

        return new RefundPlan(items, null);
    }

    // What is still being looked at by Paddle counts as given: it may be approved at any moment.
    private static List<Line> Left(PaddleTransaction payment, IReadOnlyList<PaddleAdjustment> adjustments)
    {
        // A chargeback that was won back says so itself, or has a reverse beside it, or both.
        var reversed = adjustments
            .Where(adjustment => adjustment is { Action: PaddleAdjustmentActions.Chargeback, Status: PaddleAdjustmentStatuses.Reversed })
            .Select(adjustment => adjustment.Totals?.Total)
            .ToList();
        var given = adjustments
            .Where(adjustment => Taken.Contains(adjustment.Action)
                && adjustment.Status is PaddleAdjustmentStatuses.Approved or PaddleAdjustmentStatuses.PendingApproval)
            .Where(adjustment => adjustment.Action != PaddleAdjustmentActions.ChargebackReverse || !reversed.Remove(adjustment.Totals?.Total))
            .SelectMany(adjustment => adjustment.Items.Select(item => (
                item.ItemId,
                Amount: Amount(item, payment) * (adjustment.Action == PaddleAdjustmentActions.ChargebackReverse ? -1 : 1))))
            .ToLookup(item => item.ItemId, item => item.Amount, StringComparer.Ordinal);
        return
        [
            .. (payment.Details?.LineItems ?? [])
                .Where(line => line is { Id: not null, Totals: not null })
                .Select(line => (Id: line.Id!, Total: PaddleAmount.ToMinorUnits(line.Totals!.Total)))
                .Select(line => Rest(line.Id, line.Total, given[line.Id].Sum())),
        ];
    }

    // A line below 0 lowers what was paid until it is taken back with the whole; Paddle may write that with either sign.
    private static Line Rest(string id, long total, long given) => total >= 0
        ? new Line(id, total, Math.Clamp(total - given, 0, total))
        : new Line(id, total, Math.Clamp(total + given, total, 0));

    // A full one that is not settled yet has no amount: it is all of the line.
    private static long Amount(PaddleAdjustmentItem item, PaddleTransaction payment)
    {
        if (PaddleAmount.TryRead(item.Totals?.Total, out var total) || PaddleAmount.TryRead(item.Amount, out total))
        {
            return Math.Abs(total);
        }

        var line = payment.Details?.LineItems.FirstOrDefault(candidate => candidate.Id == item.ItemId);
        return line?.Totals is { } totals ? Math.Abs(PaddleAmount.ToMinorUnits(totals.Total)) : 0;
    }

    private static RefundPlan Refuse(string problem) => new(null, problem);

    private static string Text(long minor, PaddleTransaction payment, CurrencyTable currencies) => string.Create(
        CultureInfo.InvariantCulture, $"{new Money(minor, payment.CurrencyCode).ToDecimal(currencies)} {payment.CurrencyCode}");

    private sealed record Line(string Id, long Total, long Left);
}
