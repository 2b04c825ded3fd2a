namespace BotGeneric.AppHost.Native;

/// <summary>A server from the system's packages: how its data folder is prepared, how it is started, when it is healthy.</summary>
internal abstract class NativeServer(string name)
{
    private string? _folder;

    public string Name { get; } = name;

    public int Port { get; } = Ports.Free();

    /// <summary>The server's data folder; known from <see cref="PrepareAsync"/> on.</summary>
    protected string Folder => _folder ?? throw new InvalidOperationException($"The data folder of {Name} has not been prepared.");

    /// <summary>Finds the server's programs and makes its data folder ready, initialising it at the first start.</summary>
    /// <exception cref="EngineException">The server is not installed, or its data folder cannot be used.</exception>
    public abstract Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>The processes that make up the server, in the order to start them; the last one is the server itself.</summary>
    public abstract IReadOnlyList<ProcessSpec> Processes();

    /// <summary>Asks the server a real question. Null when it answered as it should, else why not.</summary>
    public abstract Task<string?> CheckAsync(CancellationToken cancellationToken);

    /// <summary>Creates what the application expects inside the running server. Safe to repeat.</summary>
    public virtual Task ProvisionAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Creates the data folder and gives it to its account: once for every start, because that walks through all of it.</summary>
    protected void UseFolder(DataDirectory data, SystemUser? user) => _folder = data.ForServer(Name, user);

    protected static EngineException UnusableData(string server, string folder, string reason) => new(
        $"The data folder of {server} cannot be used: {reason} ({folder}).",
        "Restore the folder from a backup, or start anew with empty data: ./run.sh --reset");
}
