namespace BotGeneric.Contracts.Usage.V1;

/// <summary>
/// What the ledger has of some accounts in a time that is over, exactly at the moment of the event. Whoever keeps sums of <see cref="UsageRecorded"/> compares: what differs each time
/// is wrong, what differs once may be on its way.
/// </summary>
public sealed record UsageTotalled : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <summary>When the ledger was read, UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The first moment, a whole hour, UTC.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The first moment after, a whole hour, UTC.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>The accounts, each once. An account without usage in the time has no quantities.</summary>
    public required IReadOnlyList<AccountTotal> Accounts { get; init; }
}

/// <summary>What the ledger has of an account. What is not named is 0.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="Meters">Units by meter: those of calls of models and the operator's that count or sum.</param>
/// <param name="Costs">Money by ISO 4217 code of the currency.</param>
public sealed record AccountTotal(Guid AccountId, IReadOnlyDictionary<string, decimal> Meters, IReadOnlyDictionary<string, decimal> Costs);
