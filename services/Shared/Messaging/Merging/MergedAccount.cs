namespace BotGeneric.Messaging.Data;

/// <summary>An account that became part of another one. The row stays for good: something may be told of the account at any time later.</summary>
public sealed class MergedAccount
{
    /// <summary>The account that is no more.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The account that it is part of now; never itself one that is no more.</summary>
    public required Guid KeptAccountId { get; init; }
}
