namespace BotGeneric.Analytics.Domain;

/// <summary>Usage of one account in one hour, UTC, by feature and model. Derived from the usage ledger; it can be rebuilt from there.</summary>
public sealed class HourlyUsage
{
    /// <summary>The account.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The beginning of the hour, UTC.</summary>
    public required DateTimeOffset Hour { get; init; }

    /// <summary>What the calls were for.</summary>
    public required string Feature { get; init; }

    /// <summary>The model; empty when it was not reported.</summary>
    public required string Model { get; init; }

    /// <summary>Calls.</summary>
    public required long Requests { get; init; }

    /// <summary>Tokens of input: fresh, cached and cache writes together.</summary>
    public required long InputTokens { get; init; }

    /// <summary>Tokens of output: visible and reasoning together.</summary>
    public required long OutputTokens { get; init; }
}
