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

/// <summary>One call of a language model. The five token pools are exclusive: no token is counted in two of them.</summary>
public sealed record UsageEntry
{
    /// <summary>The ledger's id of the entry.</summary>
    public required Guid EntryId { get; init; }

    /// <summary>The account that is charged.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>When the call happened, UTC, as its source says.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>What the call was for, such as <c>chat</c>.</summary>
    public required string Feature { get; init; }

    /// <summary>The model's name as its provider spells it, when known.</summary>
    public string? Model { get; init; }

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

    /// <summary>How much of a meter this call used.</summary>
    /// <param name="meter">One of <see cref="Meters"/>.</param>
    /// <returns>Units of the meter.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The meter is unknown.</exception>
    public long Quantity(string meter) => meter switch
    {
        Meters.Requests => 1,
        Meters.InputTokens => InputTokens + CachedInputTokens + CacheWriteTokens,
        Meters.OutputTokens => OutputTokens + ReasoningTokens,
        _ => throw new ArgumentOutOfRangeException(nameof(meter), meter, "Unknown meter."),
    };
}
