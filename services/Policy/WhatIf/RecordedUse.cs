using BotGeneric.Contracts;
using BotGeneric.Policy.Compilation;

namespace BotGeneric.Policy.WhatIf;

/// <summary>A call or another event as the ledger has it, as far as limits look at it.</summary>
public sealed record RecordedUse
{
    /// <summary>When it happened, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The account.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The person, when known.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The API key.</summary>
    public string? KeyId { get; init; }

    /// <summary>What it was for.</summary>
    public required string Feature { get; init; }

    /// <summary>The model, when known.</summary>
    public string? Model { get; init; }

    /// <summary>The channel, when known.</summary>
    public string? Channel { get; init; }

    /// <summary>Calls.</summary>
    public long Requests { get; init; }

    /// <summary>Tokens in.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens out.</summary>
    public long OutputTokens { get; init; }

    /// <summary>What it cost; null while no price is known.</summary>
    public decimal? Cost { get; init; }

    /// <summary>ISO 4217 code of the cost.</summary>
    public string? Currency { get; init; }

    /// <summary>Whether it corrects something that was recorded earlier.</summary>
    public bool IsCorrection { get; init; }

    /// <summary>How much a limit counts of it, in the limit's whole units. What a price has beyond 10⁻⁹ is rounded up, so that nothing is free.</summary>
    /// <param name="kind">How the limit counts.</param>
    /// <param name="unit">Its unit.</param>
    public long Quantity(LimitKind kind, string unit) => (kind, unit) switch
    {
        (LimitKind.Budget, _) => unit == Currency && Cost is > 0 and { } cost ? Units(cost) : 0,
        (_, Meters.Requests) => Requests,
        (_, Meters.InputTokens) => InputTokens,
        (_, Meters.OutputTokens) => OutputTokens,
        _ => 0,
    };

    private static long Units(decimal cost) =>
        cost >= Amounts.Largest(LimitKind.Budget) ? CompiledLimit.LargestAmount : (long)decimal.Ceiling(cost * Amounts.MoneyScale);
}
