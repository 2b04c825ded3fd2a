using BotGeneric.Contracts;
using BotGeneric.Policy.Compilation;

namespace BotGeneric.Policy.Decisions;

/// <summary>An amount of a unit.</summary>
/// <param name="Unit">The meter's code or an ISO 4217 code.</param>
/// <param name="Need">What is asked for, in units or in 10⁻⁹ of the currency.</param>
/// <param name="Minimum">What is enough; at most <paramref name="Need"/>.</param>
public readonly record struct UnitAmount(string Unit, long Need, long Minimum)
{
    /// <summary>Whether the caller said nothing of the unit, and something is assumed because a limit counts it.</summary>
    public bool IsAssumed { get; init; }
}

/// <summary>Units that belong to every call of a language model, whether its estimate names them or not.</summary>
internal static class Units
{
    /// <summary>Whether a unit is a currency: three capital letters.</summary>
    internal static bool IsMoney(string unit) => unit is { Length: 3 } && unit.AsSpan().IndexOfAnyExceptInRange('A', 'Z') < 0;

    /// <summary>Whether every call of a model uses some of it: a limit of it that is used up refuses a call that does not say how much.</summary>
    internal static bool IsOfEveryCall(string unit) => IsMoney(unit) || Meters.All.Contains(unit);

    /// <summary>What an amount is shown as.</summary>
    internal static decimal Show(string unit, long amount) => IsMoney(unit) ? amount / (decimal)Amounts.MoneyScale : amount;

    /// <summary>
    /// An amount of the ledger as a whole number of the counter, rounded up: a part of the smallest unit is a whole one. What is more than a limit can count is the most that
    /// it can: beyond every maximum all the same, and one account's report must not keep others' from being counted.
    /// </summary>
    internal static long Count(string unit, decimal amount)
    {
        var largest = IsMoney(unit) ? CompiledLimit.LargestAmount / (decimal)Amounts.MoneyScale : CompiledLimit.LargestAmount;
        var counted = Math.Clamp(amount, -largest, largest);
        return (long)decimal.Ceiling(IsMoney(unit) ? counted * Amounts.MoneyScale : counted);
    }
}
