using System.Globalization;
using System.Text.RegularExpressions;
using BotGeneric.Billing.Api;

namespace BotGeneric.Billing.Payments;

/// <summary>How much is given back.</summary>
public enum RefundType
{
    /// <summary>All of it.</summary>
    Full,

    /// <summary>Some of it.</summary>
    Partial,
}

/// <summary>A refund to ask Paddle for.</summary>
/// <param name="Type">All of it, or some.</param>
/// <param name="Reason">Why, 1 to 500 characters. Paddle and whoever looks at the refund read it.</param>
/// <param name="Amount">
/// For a partial one: how much, with tax, as text in units of the payment's currency such as <c>9.99</c>, with at most as many decimals as the currency has. It is taken from the lines in
/// their order.
/// </param>
/// <param name="Items">For a partial one, instead of the amount: how much of which line.</param>
/// <param name="CancelSubscription">Whether the subscription that was paid for is canceled at once. A refund alone leaves it as it is.</param>
public sealed partial record RefundRequest(
    RefundType Type, string Reason, string? Amount = null, IReadOnlyList<RefundLine>? Items = null, bool CancelSubscription = false)
{
    private const int MaximumLines = 100;

    internal Dictionary<string, string[]> Validate()
    {
        var errors = new Dictionary<string, string[]>();
        if (!Enum.IsDefined(Type))
        {
            errors["type"] = ["Send full or partial."];
        }

        if (Reasons.Check(Reason) is { } error)
        {
            errors["reason"] = [error];
        }

        var hasItems = Items is { Count: > 0 };
        if (Type == RefundType.Full ? Amount is not null || hasItems : Amount is null != hasItems)
        {
            errors["amount"] = ["A full refund has neither amount nor items; a partial one has either of them."];
        }

        if (Amount is not null && RefundAmount.Read(Amount) is null)
        {
            errors["amount"] = [RefundAmount.Form];
        }

        if (Items is not null && (Items.Count > MaximumLines
            || Items.Any(line => line is null || line.ItemId is null || !ItemFormat().IsMatch(line.ItemId) || (line.Amount is not null && RefundAmount.Read(line.Amount) is null))
            || Items.DistinctBy(line => line.ItemId).Count() != Items.Count))
        {
            errors["items"] = [$"Send at most {MaximumLines} lines, each once by its id (txnitm_…), with an amount as text above 0, such as \"9.99\", or none for all of it."];
        }

        return errors;
    }

    [GeneratedRegex("^txnitm_[a-z0-9]{1,90}$", RegexOptions.CultureInvariant)]
    private static partial Regex ItemFormat();
}

/// <summary>How much of a line is given back.</summary>
/// <param name="ItemId">Paddle's line, <c>txnitm_…</c>.</param>
/// <param name="Amount">How much, with tax, as text such as <c>9.99</c>; null: what is left of it.</param>
public sealed record RefundLine(string ItemId, string? Amount = null);

/// <summary>Amounts of refunds, which are text like all money.</summary>
internal static class RefundAmount
{
    /// <summary>What to send instead.</summary>
    internal const string Form = "Send an amount above 0 as text, such as \"9.99\": digits, and decimals behind a point.";

    private const int MaximumLength = 30;

    /// <summary>Reads an amount.</summary>
    /// <param name="text">Anything.</param>
    /// <returns>The amount, above 0; null when it is none.</returns>
    internal static decimal? Read(string text) =>
        text.Length <= MaximumLength && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount > 0 ? amount : null;
}
