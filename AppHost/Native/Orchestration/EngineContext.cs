namespace BotGeneric.AppHost.Native;

/// <summary>What every runner of a resource shares.</summary>
internal sealed record EngineContext
{
    public required DataDirectory Data { get; init; }

    public required ProcessRecords Records { get; init; }

    public required EngineConsole Console { get; init; }

    public required TimeProvider Time { get; init; }

    public required HttpClient Http { get; init; }

    /// <summary>How long a resource may take until it is healthy.</summary>
    public required TimeSpan StartTimeout { get; init; }

    /// <summary>Where processes send their traces; null for nowhere.</summary>
    public required string? OtlpEndpoint { get; init; }

    /// <summary>Called after every change of a resource's state.</summary>
    public required Action StateChanged { get; init; }
}
