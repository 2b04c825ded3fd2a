namespace BotGeneric.Contracts.Policy.V1;

/// <summary>
/// Usage was added to what Policy knows of the ledger; the live counters follow. Policy says it to itself, so that a counter that cannot be reached is tried
/// again, by whichever replica.
/// </summary>
public sealed record UsageCounted : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The accounts, each once.</summary>
    public required IReadOnlyList<CountedAccount> Accounts { get; init; }
}

/// <summary>What was added for an account.</summary>
/// <param name="AccountId">The account; the nil UUID for the platform as a whole.</param>
/// <param name="HoldIds">Holds that are settled by it.</param>
/// <param name="Targets">The targets, each with the version that follows on the one before.</param>
/// <param name="Subjects">Who used something, for the thresholds of their limits.</param>
public sealed record CountedAccount(
    Guid AccountId, IReadOnlyList<Guid> HoldIds, IReadOnlyList<CountedTarget> Targets, IReadOnlyList<CountedSubject> Subjects);

/// <summary>What was added for a target.</summary>
/// <param name="Target">The account as a whole, a person in it, or a key.</param>
/// <param name="Epoch">The set of counters that the amounts were computed for.</param>
/// <param name="Version">The version of the sums that includes the amounts.</param>
/// <param name="Amounts">Whole units by the counter's field.</param>
public sealed record CountedTarget(string Target, string Epoch, long Version, IReadOnlyDictionary<string, long> Amounts);

/// <summary>A person or a key of an account.</summary>
/// <param name="UserId">The person, when known.</param>
/// <param name="KeyId">The key, when known.</param>
public sealed record CountedSubject(Guid? UserId, string? KeyId);
