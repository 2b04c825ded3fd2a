namespace BotGeneric.Policy.Domain;

/// <summary>
/// What an account has used of a meter on one day, UTC. Derived from the usage ledger and independent of any limit, so that a change of
/// plan keeps what was used.
/// </summary>
public sealed class UsageCounter
{
    /// <summary>The account.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>One of <see cref="Contracts.Meters"/>.</summary>
    public required string Meter { get; init; }

    /// <summary>The day, UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Units of the meter, never negative.</summary>
    public required long Used { get; init; }
}
