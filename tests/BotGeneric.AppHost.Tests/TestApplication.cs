using BotGeneric.AppHost.Native;
using BotGeneric.Testing;

namespace BotGeneric.AppHost.Tests;

/// <summary>Runs the test application, a small app model on the native engine.</summary>
internal static class TestApplication
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static AppHostProcessOptions Scenario(string name, string? dataFolder = null, params string[] arguments) => new()
    {
        Program = RepositoryPaths.OutputOf("tests/BotGeneric.AppHost.Tests/TestApp/BotGeneric.AppHost.TestApp.csproj"),
        DataFolder = dataFolder,
        Arguments = ["--Scenario", name, .. arguments],
        StartTimeout = Patience,
    };

    /// <summary>Runs an app model that must not become ready, and returns the exit code and what was printed.</summary>
    public static async Task<(int ExitCode, string Output)> RunToFailureAsync(AppHostProcessOptions options)
    {
        await using var application = AppHostProcess.Launch(options);
        var exitCode = await application.WaitForExitAsync(Patience);
        return (exitCode, string.Join('\n', application.Output));
    }

    /// <summary>Waits until a condition holds, and fails when it never does.</summary>
    public static async Task EventuallyAsync(Func<bool> condition, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"Not within {Patience}: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    /// <summary>A process as it is now, so that it is not mistaken for a later one with the same id.</summary>
    public sealed record Snapshot(int ProcessId, long StartTime)
    {
        public static Snapshot Of(int processId) =>
            new(processId, ProcFileSystem.StartTime(processId) ?? throw new InvalidOperationException($"Process {processId} does not run."));

        public bool IsAlive => ProcFileSystem.StartTime(ProcessId) == StartTime;
    }

    /// <summary>Every recorded process of a running application, and the engine itself.</summary>
    public static IReadOnlyList<Snapshot> ProcessesOf(AppHostProcess application) =>
    [
        Snapshot.Of(application.ProcessId),
        .. new ProcessRecords(Path.Combine(application.DataFolder, "run")).All().Select(record => Snapshot.Of(record.ProcessId)),
    ];
}
