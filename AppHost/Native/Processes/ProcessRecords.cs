using System.Text.Json;

namespace BotGeneric.AppHost.Native;

/// <summary>The records of running processes in the data folder, from which the next start cleans up after a crash of the engine.</summary>
internal sealed class ProcessRecords(string folder)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Identifies this run of the engine.</summary>
    public string RunId { get; } = Guid.CreateVersion7().ToString("N");

    public void Add(ProcessSpec spec, int processId)
    {
        if (ProcFileSystem.StartTime(processId) is not { } startTime)
        {
            return;
        }

        var record = new ProcessRecord(
            spec.Name, processId, startTime, ProcFileSystem.BootId, RunId,
            [Binaries.Executed(spec.FileName), .. spec.TurnsInto],
            string.Join(' ', [spec.FileName, .. spec.Arguments]), (int)spec.StopSignal);
        PrivateFile.Write(PathOf(spec.Name), JsonSerializer.Serialize(record, Json));
    }

    public void Remove(string name) => File.Delete(PathOf(name));

    public IReadOnlyList<ProcessRecord> All() => Directory.EnumerateFiles(folder, "*.json").Select(Read).OfType<ProcessRecord>().ToList();

    /// <summary>
    /// Ends what an earlier run of the engine left behind: recorded processes that are provably the recorded ones, and processes whose
    /// environment names that run. Everything else on the machine is left alone.
    /// </summary>
    /// <returns>The names of what was ended.</returns>
    public async Task<IReadOnlyList<string>> CleanUpAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var records = All();
        var alive = records.Where(record => record.IsAlive()).ToList();
        foreach (var record in alive)
        {
            Libc.Send(record.ProcessId, (Signal)record.StopSignal);
        }

        var deadline = time.GetTimestamp();
        while (alive.Any(record => record.IsAlive()) && time.GetElapsedTime(deadline) < Grace)
        {
            await Task.Delay(PollInterval, time, cancellationToken);
        }

        foreach (var record in alive.Where(record => record.IsAlive()))
        {
            Libc.Send(record.ProcessId, Signal.Kill);
        }

        var runs = records.Where(record => record.BootId == ProcFileSystem.BootId).Select(record => record.RunId).ToHashSet();
        var descendants = KillDescendants(runs);
        foreach (var record in records)
        {
            Remove(record.Name);
        }

        return [.. alive.Select(record => record.Name), .. descendants];
    }

    /// <summary>Kills every process whose environment names one of the given runs: children that their parent left behind.</summary>
    public static IReadOnlyList<string> KillDescendants(IReadOnlySet<string> runs)
    {
        var killed = new List<string>();
        foreach (var id in ProcFileSystem.ProcessIds().Where(id => id != Environment.ProcessId))
        {
            if (ProcFileSystem.EnvironmentVariable(id, ProcessLauncher.RunVariable) is { } run && runs.Contains(run)
                && ProcFileSystem.StartTime(id) is not null)
            {
                var command = ProcFileSystem.CommandLine(id);
                if (Libc.Send(id, Signal.Kill))
                {
                    killed.Add($"process {id} ({command})");
                }
            }
        }

        return killed;
    }

    private string PathOf(string name) => Path.Combine(folder, name + ".json");

    private static ProcessRecord? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ProcessRecord>(File.ReadAllText(path), Json);
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            // A record that cannot be read proves nothing about any process; it is dropped when the file is next written.
            return null;
        }
    }
}
