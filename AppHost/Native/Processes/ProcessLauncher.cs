using System.Collections.Concurrent;
using System.Diagnostics;

namespace BotGeneric.AppHost.Native;

/// <summary>
/// Starts processes so that they cannot outlive the engine: each in a session of its own, because a Ctrl-C in the terminal must reach
/// the engine alone, which stops them in order; and each with a signal that the kernel sends when the engine dies.
/// </summary>
internal static class ProcessLauncher
{
    /// <summary>Names the run of the engine in the environment of everything that it started, directly or not.</summary>
    public const string RunVariable = "BOTGENERIC_ENGINE_RUN";

    // Parameters of the app model hold secrets, and each process is handed those that it needs under keys of its own. Configuration reads every spelling.
    private static readonly string[] Parameters = ["Parameters__", "Parameters:", "DOTNET_Parameters__", "DOTNET_Parameters:"];

    // The kernel watches the thread that forked, not its process, so one thread that never ends does all the forking.
    private static readonly BlockingCollection<Action> Requests = StartForkingThread();

    private static readonly string? SetPriv = Binaries.Find("setpriv");
    private static readonly string? SetSid = Binaries.Find("setsid");

    public static Process Start(ProcessSpec spec, string runId)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        var startInfo = StartInfo(spec, runId);
        Requests.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(startInfo) ?? throw new InvalidOperationException($"{spec.FileName} did not start."));
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        });
        return started.Task.GetAwaiter().GetResult();
    }

    private static BlockingCollection<Action> StartForkingThread()
    {
        var requests = new BlockingCollection<Action>();
        var thread = new Thread(() =>
        {
            foreach (var request in requests.GetConsumingEnumerable())
            {
                request();
            }
        })
        { IsBackground = true, Name = "Process launcher" };
        thread.Start();
        return requests;
    }

    private static ProcessStartInfo StartInfo(ProcessSpec spec, string runId)
    {
        var command = CommandLine(spec);
        var startInfo = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = spec.WorkingDirectory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var hidden in startInfo.Environment.Keys.Where(key => IsHidden(key, spec)).ToList())
        {
            startInfo.Environment.Remove(hidden);
        }

        foreach (var (key, value) in spec.Environment)
        {
            startInfo.Environment[key] = value;
        }

        startInfo.Environment[RunVariable] = runId;
        return startInfo;
    }

    private static bool IsHidden(string variable, ProcessSpec spec) =>
        Parameters.Any(prefix => variable.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        || spec.HiddenVariablePrefixes.Any(prefix => variable.StartsWith(prefix, StringComparison.Ordinal));

    private static string NameOf(Signal signal) => signal switch
    {
        Signal.Interrupt => "INT",
        Signal.Terminate => "TERM",
        Signal.Hangup => "HUP",
        _ => "KILL",
    };

    private static List<string> CommandLine(ProcessSpec spec)
    {
        var command = new List<string>();
        if (SetSid is not null)
        {
            command.Add(SetSid);
        }

        if (SetPriv is not null)
        {
            command.AddRange([SetPriv, "--pdeathsig", NameOf(spec.OrphanSignal)]);
            if (spec.User is { } user)
            {
                // Dropping root clears the death signal, so both in one program, which sets the signal last.
                command.AddRange(["--reuid", $"{user.UserId}", "--regid", $"{user.GroupId}", "--init-groups", "--no-new-privs"]);
            }

            command.Add("--");
        }
        else if (spec.User is not null)
        {
            throw new EngineException(
                "The servers cannot be started under another account: the program 'setpriv' is missing.",
                "Install it: apt-get install --yes util-linux (or start as an ordinary user)");
        }

        return [.. command, spec.FileName, .. spec.Arguments];
    }
}
