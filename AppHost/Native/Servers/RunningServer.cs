
namespace BotGeneric.AppHost.Native;

/// <summary>A server that has been started: its processes and their output.</summary>
internal sealed class RunningServer
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(150);
    private readonly List<ManagedProcess> _processes = [];

    private RunningServer(NativeServer server) => Server = server;

    public NativeServer Server { get; }

    /// <summary>The server's main process.</summary>
    public ManagedProcess Main => _processes[^1];

    /// <summary>Prepares the data folder and starts the processes; it does not wait until the server answers.</summary>
    public static async Task<RunningServer> StartAsync(
        NativeServer server, ProcessRecords records, TimeProvider time, Action<string> onLine, CancellationToken cancellationToken)
    {
        await server.PrepareAsync(cancellationToken);
        var running = new RunningServer(server);
        foreach (var spec in server.Processes())
        {
            running._processes.Add(ManagedProcess.Start(spec, records, time, onLine));
        }

        return running;
    }

    /// <summary>Waits until the server answers, and creates what the application expects in it.</summary>
    public async Task WaitUntilHealthyAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (await Server.CheckAsync(cancellationToken) is { } reason)
        {
            if (Main.Exited.IsCompleted)
            {
                throw Died(await Main.Exited);
            }

            if (time.GetElapsedTime(started) > timeout)
            {
                throw new EngineException(
                    $"{Server.Name} did not answer within {timeout.TotalSeconds:0} s: {reason}.", "Read its log in .data/logs.");
            }

            await Task.WhenAny(Main.Exited, Task.Delay(PollInterval, time, cancellationToken));
        }

        await Server.ProvisionAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken force)
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            await process.StopAsync(force);
        }
    }

    /// <summary>Why the server ended, with its last lines and the way out.</summary>
    public EngineException Died(int exitCode)
    {
        var lines = string.Join(Environment.NewLine, Main.Tail.Select(line => "    " + line));
        var noSpace = lines.Contains("No space left on device", StringComparison.OrdinalIgnoreCase);
        return new EngineException(
            $"{Server.Name} ended with exit code {exitCode}. Its last lines:{Environment.NewLine}{lines}",
            noSpace
                ? "The disk is full: free some space and start again."
                : "If its data folder is damaged, restore it from a backup or start anew with empty data: ./run.sh --reset");
    }
}
