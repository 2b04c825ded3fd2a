namespace BotGeneric.Usage.Domain;

/// <summary>
/// One call of a language model in the append-only ledger. Unique by account, source and source's id, whatever its time. The five token
/// pools are exclusive.
/// </summary>
public sealed record LedgerEntry
{
    /// <summary>UUIDv7 of the entry.</summary>
    public required Guid Id { get; init; }

    /// <summary>The account that is charged.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>Who reported the call: the CloudEvents <c>source</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The reporter's id of the call: the CloudEvents <c>id</c>.</summary>
    public required string SourceId { get; init; }

    /// <summary>When the call happened, UTC, to the microsecond.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>When the ledger accepted it, UTC.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>What the call was for.</summary>
    public required string Feature { get; init; }

    /// <summary>The model's provider, when reported.</summary>
    public string? Provider { get; init; }

    /// <summary>The model, when reported.</summary>
    public string? Model { get; init; }

    /// <summary>Tokens of fresh input.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens of input from the provider's cache.</summary>
    public long CachedInputTokens { get; init; }

    /// <summary>Tokens of input written to the provider's cache.</summary>
    public long CacheWriteTokens { get; init; }

    /// <summary>Tokens of visible output.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Tokens of reasoning.</summary>
    public long ReasoningTokens { get; init; }
}
