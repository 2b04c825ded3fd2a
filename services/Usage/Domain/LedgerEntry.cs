namespace BotGeneric.Usage.Domain;

/// <summary>
/// One row of the append-only ledger: a call of a language model, an event of a meter that the operator has defined, or a correction of either. An event is
/// unique by account, source and source's id within the dedupe window, whatever its time. The five token pools are exclusive.
/// </summary>
public sealed record LedgerEntry
{
    /// <summary>The feature of an event that names none.</summary>
    public const string UnspecifiedFeature = "unspecified";

    /// <summary>UUIDv7 of the entry.</summary>
    public required Guid Id { get; init; }

    /// <summary>The account that is charged.</summary>
    public required Guid AccountId { get; set; }

    /// <summary>The person who caused it, where the reporter says so.</summary>
    public Guid? UserId { get; set; }

    /// <summary>The API key that it was done with.</summary>
    public string? ApiKeyId { get; init; }

    /// <summary>The type of event: <see cref="LedgerEventTypes.LlmCall"/> or one that a meter names.</summary>
    public string Type { get; init; } = LedgerEventTypes.LlmCall;

    /// <summary>Who reported it: the CloudEvents <c>source</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The reporter's id of it: the CloudEvents <c>id</c>.</summary>
    public required string SourceId { get; init; }

    /// <summary>When it happened, UTC, to the microsecond.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>When the ledger accepted it, UTC, to the microsecond. Decides the partition.</summary>
    public required DateTimeOffset RecordedAt { get; set; }

    /// <summary>The batch in which it was recorded, see <see cref="LedgerBatch"/>.</summary>
    public long BatchId { get; set; }

    /// <summary>What it was for.</summary>
    public required string Feature { get; init; }

    /// <summary>The door it came through, such as <c>web</c> or <c>telegram</c>.</summary>
    public string? Channel { get; init; }

    /// <summary>The model's provider, when reported.</summary>
    public string? Provider { get; init; }

    /// <summary>The model, when reported.</summary>
    public string? Model { get; init; }

    /// <summary>Policy's hold that it settles.</summary>
    public Guid? HoldId { get; init; }

    /// <summary>Calls of a model: 1, 0 for an event of another meter, a difference in a correction.</summary>
    public long Requests { get; init; } = 1;

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

    /// <summary>The event's <c>data</c> as JSON; null for a call of a model, whose data stand in columns.</summary>
    public string? Data { get; init; }

    /// <summary>The price that <see cref="Cost"/> was computed with.</summary>
    public Guid? PriceId { get; set; }

    /// <summary>The exact cost; null when no price was known, never 0 for an unknown one.</summary>
    public decimal? Cost { get; set; }

    /// <summary>ISO 4217 code of <see cref="Cost"/>; null exactly when the cost is.</summary>
    public string? Currency { get; set; }

    /// <summary>The entry that this one corrects; null for what happened.</summary>
    public Guid? CorrectsEntryId { get; init; }

    /// <summary>Why it was corrected; null for what happened.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether this correction gives a call that had none its first cost; null for everything else.</summary>
    public bool? GivesCost { get; init; }

    /// <summary>
    /// Of a correction of an event that meters measured: a JSON object with the difference by meter, as decimal texts; null for a meter without sums, from which the event was
    /// taken back. <see cref="Data"/> is then that of the corrected event, for its dimensions.
    /// </summary>
    public string? MeterDifferences { get; init; }

    /// <summary>Whether it was not recorded because another event has settled its hold.</summary>
    public bool IsOfSettledHold { get; set; }

    /// <summary>What it adds to the operator's meters that count or sum, by code. Told to the others, not stored: <see cref="Data"/> and <see cref="MeterDifferences"/> are.</summary>
    public IReadOnlyDictionary<string, decimal>? MeterQuantities { get; init; }
}

/// <summary>Types of events that the ledger knows without a meter.</summary>
public static class LedgerEventTypes
{
    /// <summary>A call of a language model.</summary>
    public const string LlmCall = "llm.call.v1";
}
