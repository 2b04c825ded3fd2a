namespace BotGeneric.Usage.Domain;

/// <summary>What a usage event may carry at most.</summary>
public static class CloudEventLimits
{
    /// <summary>Characters of <c>source</c>.</summary>
    public const int MaximumSourceLength = 300;

    /// <summary>Characters of <c>id</c>.</summary>
    public const int MaximumIdLength = 200;

    /// <summary>Characters of <c>type</c>.</summary>
    public const int MaximumTypeLength = 100;

    /// <summary>Characters of a feature, a provider, a model, a channel or the id of an API key.</summary>
    public const int MaximumNameLength = 100;

    /// <summary>Tokens of one pool in one call. The largest context of any model is far below.</summary>
    public const long MaximumTokens = 1_000_000_000;

    /// <summary>Bytes of the <c>data</c> of an event of the operator's own.</summary>
    public const int MaximumDataBytes = 16 * 1024;

    /// <summary>Characters of the reason of a correction.</summary>
    public const int MaximumReasonLength = 500;

    /// <summary>Events in one request.</summary>
    public const int MaximumBatch = 1_000;
}
