namespace BotGeneric.Contracts.Agents.V1;

/// <summary>
/// A call of a language model is over and has cost what it has cost, whether its caller stayed to the end or not. The five token pools are exclusive: no
/// token is counted in two of them.
/// </summary>
public sealed record LlmCallCompleted : IIntegrationEvent
{
    /// <summary>The event, and the id of the call in the ledger: the same call said twice counts once.</summary>
    public required Guid EventId { get; init; }

    /// <summary>When the call ended, UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The account that is charged (a person or an organization).</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The person who caused the call.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The API key that the call came with.</summary>
    public string? ApiKeyId { get; init; }

    /// <summary>Policy's hold that the call was made under. One hold, one call: the ledger takes no second one of the same hold.</summary>
    public Guid? HoldId { get; init; }

    /// <summary>What the call was for, such as <c>chat</c>.</summary>
    public required string Feature { get; init; }

    /// <summary>The door it came through, such as <c>web</c> or <c>telegram</c>.</summary>
    public string? Channel { get; init; }

    /// <summary>The model's provider.</summary>
    public required string Provider { get; init; }

    /// <summary>The model's name as its provider spells it.</summary>
    public required string Model { get; init; }

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

    /// <summary>Whether the tokens were counted by us because the provider said nothing. An explicit zero of the provider is not an estimate.</summary>
    public bool IsEstimated { get; init; }
}
