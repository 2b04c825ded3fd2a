namespace BotGeneric.AppHost.Native;

/// <summary>
/// What proves that a running process is the one that the engine started: its id, the moment it started, the boot it belongs to and the
/// program it executes. A process id alone proves nothing: ids are reused.
/// </summary>
/// <param name="Name">The resource, or the part of it, that the process runs.</param>
/// <param name="ProcessId">The process id, which is also the id of its process group.</param>
/// <param name="StartTime">In clock ticks since boot.</param>
/// <param name="BootId">The boot of the machine.</param>
/// <param name="RunId">The run of the engine that started it.</param>
/// <param name="Executables">The program file, links resolved, and the names of the programs that it turns into.</param>
/// <param name="Command">The command line, for people to read.</param>
/// <param name="StopSignal">The number of the signal that ends it in an orderly way.</param>
public sealed record ProcessRecord(
    string Name, int ProcessId, long StartTime, string BootId, string RunId, IReadOnlyList<string> Executables, string Command, int StopSignal)
{
    /// <summary>Whether the recorded process is running now.</summary>
    public bool IsAlive() =>
        BootId == ProcFileSystem.BootId
        && ProcFileSystem.StartTime(ProcessId) == StartTime
        && ProcFileSystem.Executable(ProcessId) is { } executable
        && (Executables.Contains(executable) || Executables.Contains(Path.GetFileName(executable)) || IsLauncher(executable));

    // Killed between fork and exec, the process still executes one of these.
    private static bool IsLauncher(string executable) => Path.GetFileName(executable) is "setsid" or "setpriv";
}
