using BotGeneric.Contracts;

namespace BotGeneric.Messaging.TestHost;

/// <summary>Money came in; handled one by one.</summary>
public sealed record Deposited : IIntegrationEvent
{
    public required Guid EventId { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The ordering key, too.</summary>
    public required string Account { get; init; }

    /// <summary>Counts up within the account.</summary>
    public required int Position { get; init; }

    public required long Amount { get; init; }

    /// <summary>Whether handling it fails as long as <see cref="LedgerSwitch"/> is there.</summary>
    public bool Poison { get; init; }
}

/// <summary>Something was measured; handled in batches.</summary>
public sealed record Measured : IIntegrationEvent
{
    public required Guid EventId { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    public required long Amount { get; init; }

    /// <summary>Whether handling it fails as long as <see cref="LedgerSwitch"/> is there.</summary>
    public bool Poison { get; init; }
}

/// <summary>Published, heard by the queue of a service that does not run in a test.</summary>
public sealed record Announced : IIntegrationEvent
{
    public required Guid EventId { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    public required int Position { get; init; }
}
