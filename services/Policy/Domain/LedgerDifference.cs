namespace BotGeneric.Policy.Domain;

/// <summary>
/// That what Policy has counted for an account is not what the usage ledger has. What is on its way differs once; a difference that stays the same is a loss, or was counted twice.
/// </summary>
public sealed class LedgerDifference
{
    /// <summary>So many looks in turn with the same difference mean that it stays.</summary>
    public const int LooksThatLast = 3;

    /// <summary>Looks that follow each other faster count as one: what was on its way then may still be.</summary>
    public static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(50);

    /// <summary>The account.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The meter, or <c>cost.</c> and a currency.</summary>
    public required string Meter { get; init; }

    /// <summary>By how much Policy's sum is above the ledger's.</summary>
    public required decimal Difference { get; init; }

    /// <summary>How often in turn it was this one.</summary>
    public required int Looks { get; init; }

    /// <summary>When it was this one first, UTC.</summary>
    public required DateTimeOffset FirstSeenAt { get; init; }

    /// <summary>When it was looked at last, UTC.</summary>
    public required DateTimeOffset LastSeenAt { get; init; }
}
