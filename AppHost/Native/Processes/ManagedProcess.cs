using System.Diagnostics;

namespace BotGeneric.AppHost.Native;

/// <summary>A process that the engine started: its output, its end, and how it is ended.</summary>
internal sealed class ManagedProcess
{
    private const int TailLength = 20;
    private static readonly TimeSpan KillGrace = TimeSpan.FromSeconds(5);

    // A grandchild may keep the pipes open after the process itself has ended.
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly ProcessSpec _spec;
    private readonly ProcessRecords _records;
    private readonly TimeProvider _time;
    private readonly Queue<string> _tail = new();

    private ManagedProcess(Process process, ProcessSpec spec, ProcessRecords records, TimeProvider time, Action<string> onLine)
    {
        _process = process;
        _spec = spec;
        _records = records;
        _time = time;
        var output = Task.WhenAll(ReadLinesAsync(process.StandardOutput, onLine), ReadLinesAsync(process.StandardError, onLine));
        Exited = WaitForExitAsync(output);
    }

    public int Id => _process.Id;

    public string Name => _spec.Name;

    /// <summary>Completes with the exit code; 128 plus the number of the signal when one ended it.</summary>
    public Task<int> Exited { get; }

    /// <summary>The last lines that the process wrote.</summary>
    public IReadOnlyList<string> Tail
    {
        get
        {
            lock (_tail)
            {
                return [.. _tail];
            }
        }
    }

    public static ManagedProcess Start(ProcessSpec spec, ProcessRecords records, TimeProvider time, Action<string> onLine)
    {
        var process = ProcessLauncher.Start(spec, records.RunId);
        records.Add(spec, process.Id);
        process.StandardInput.Close();
        return new ManagedProcess(process, spec, records, time, onLine);
    }

    /// <summary>Asks the process to end, and kills it when it does not within its grace or when <paramref name="force"/> is cancelled.</summary>
    public async Task StopAsync(CancellationToken force)
    {
        if (Exited.IsCompleted)
        {
            return;
        }

        Libc.Send(Id, _spec.StopSignal);
        try
        {
            await Exited.WaitAsync(_spec.Grace, _time, force);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            Kill();
            await Exited.WaitAsync(KillGrace, _time, CancellationToken.None);
        }
    }

    /// <summary>Kills the process and everything in its process group.</summary>
    public void Kill()
    {
        if (!Libc.Send(-Id, Signal.Kill) && !Exited.IsCompleted)
        {
            Libc.Send(Id, Signal.Kill);
        }
    }

    private async Task<int> WaitForExitAsync(Task output)
    {
        await _process.WaitForExitAsync();
        await Task.WhenAny(output, Task.Delay(OutputGrace, _time));
        _records.Remove(_spec.Name);
        return _process.ExitCode;
    }

    private async Task ReadLinesAsync(StreamReader reader, Action<string> onLine)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_tail)
            {
                if (_tail.Count == TailLength)
                {
                    _tail.Dequeue();
                }

                _tail.Enqueue(line);
            }

            onLine(line);
        }
    }
}
