namespace BotGeneric.AppHost.Native;

/// <summary>How to start a process, and how to end it.</summary>
internal sealed record ProcessSpec
{
    /// <summary>Names the log file and the record of the process.</summary>
    public required string Name { get; init; }

    /// <summary>Full path of the program.</summary>
    public required string FileName { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>File names of the programs that a start script replaces itself with.</summary>
    public IReadOnlyList<string> TurnsInto { get; init; } = [];

    public required string WorkingDirectory { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Variables of the engine's own environment that the process must not see, by their prefix. Parameters of the app model are hidden from every process.</summary>
    public IReadOnlyList<string> HiddenVariablePrefixes { get; init; } = [];

    /// <summary>The account to run under; null for the engine's own.</summary>
    public SystemUser? User { get; init; }

    /// <summary>Asks the process to end. SIGTERM for most; PostgreSQL waits for its clients at SIGTERM and stops fast at SIGINT.</summary>
    public Signal StopSignal { get; init; } = Signal.Terminate;

    /// <summary>Sent by the kernel when the engine dies without stopping the process.</summary>
    public Signal OrphanSignal { get; init; } = Signal.Kill;

    /// <summary>How long the process may take to end before it is killed.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);
}
