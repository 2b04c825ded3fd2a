namespace BotGeneric.Contracts.Usage.V1;

/// <summary>
/// Entries that the usage ledger has accepted, each for the first time. One message carries up to 500 of them, because a broker
/// confirms messages, not bytes. Entries of one message may belong to several accounts; sums over them commute, so
/// messages are not ordered.
/// </summary>
public sealed record UsageRecorded : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <summary>When the ledger accepted the entries, UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The accepted entries, 1 to 500.</summary>
    public required IReadOnlyList<UsageEntry> Entries { get; init; }
}

/// <summary>
/// One call of a language model, or one event of a meter that the operator has defined. The five token pools are exclusive: no token is counted in two
/// of them. The quantities of a correction are differences and may be negative.
/// </summary>
public sealed record UsageEntry
{
    /// <summary>The ledger's id of the entry.</summary>
    public required Guid EntryId { get; init; }

    /// <summary>The account that is charged.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>When the call happened, UTC, as its source says.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The person who caused it, where the account is an organization or the reporter says so.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The API key that it was done with.</summary>
    public string? ApiKeyId { get; init; }

    /// <summary>What the call was for, such as <c>chat</c>.</summary>
    public required string Feature { get; init; }

    /// <summary>The door it came through, such as <c>web</c> or <c>telegram</c>.</summary>
    public string? Channel { get; init; }

    /// <summary>The model's provider, when known.</summary>
    public string? Provider { get; init; }

    /// <summary>The model's name as its provider spells it, when known.</summary>
    public string? Model { get; init; }

    /// <summary>The hold that the entry settles, see Policy's protocol.</summary>
    public Guid? HoldId { get; init; }

    /// <summary>The entry that this one corrects; null for what happened.</summary>
    public Guid? CorrectsEntryId { get; init; }

    /// <summary>Calls of a model: 1, 0 for an event of another meter, -1 for a correction that takes a call back.</summary>
    public long Requests { get; init; } = 1;

    /// <summary>Tokens of fresh input.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens of input that the provider served from its cache.</summary>
    public long CachedInputTokens { get; init; }

    /// <summary>Tokens of input that the provider wrote to its cache.</summary>
    public long CacheWriteTokens { get; init; }

    /// <summary>Tokens of visible output.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Tokens of reasoning.</summary>
    public long ReasoningTokens { get; init; }

    /// <summary>The exact cost, or null when no price is known for the model; never 0 for an unknown price.</summary>
    public decimal? Cost { get; init; }

    /// <summary>ISO 4217 code of <see cref="Cost"/>; null exactly when the cost is.</summary>
    public string? Currency { get; init; }

    /// <summary>
    /// What the entry adds to the meters that the operator has defined, by the meter's code: 1 for a meter that counts, the value for one that sums.
    /// Other aggregations are not limits and do not stand here. Null when there is none.
    /// </summary>
    public IReadOnlyDictionary<string, decimal>? CustomMeters { get; init; }

    /// <summary>How much of a meter this call used.</summary>
    /// <param name="meter">One of <see cref="Meters"/>.</param>
    /// <returns>Units of the meter.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The meter is unknown.</exception>
    public long Quantity(string meter) => meter switch
    {
        Meters.Requests => Requests,
        Meters.InputTokens => InputTokens + CachedInputTokens + CacheWriteTokens,
        Meters.OutputTokens => OutputTokens + ReasoningTokens,
        _ => throw new ArgumentOutOfRangeException(nameof(meter), meter, "Unknown meter."),
    };
}
