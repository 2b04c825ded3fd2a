namespace BotGeneric.Usage.Domain;

/// <summary>What a usage event may carry at most.</summary>
public static class CloudEventLimits
{
    /// <summary>Characters of <c>source</c>.</summary>
    public const int MaximumSourceLength = 300;

    /// <summary>Characters of <c>id</c>.</summary>
    public const int MaximumIdLength = 200;

    /// <summary>Characters of a feature, a provider or a model.</summary>
    public const int MaximumNameLength = 100;

    /// <summary>Tokens of one pool in one call. The largest context of any model is far below.</summary>
    public const long MaximumTokens = 1_000_000_000;

    /// <summary>Events in one request.</summary>
    public const int MaximumBatch = 1_000;
}
