using System.Globalization;
using System.Text.Json;
using BotGeneric.AppHost.Native;
using BotGeneric.Testing;

namespace BotGeneric.AppHost.Tests;

public sealed class StopTests
{
    private static readonly HttpClient Http = new();

    [Theory]
    [InlineData(2)]
    [InlineData(15)]
    [InlineData(1)]
    public async Task A_stop_signal_ends_everything_in_reverse_order(int signal)
    {
        await using var application = await AppHostProcess.StartAsync(TestApplication.Scenario("chain"));
        var processes = TestApplication.ProcessesOf(application);
        Assert.Equal(4, processes.Count);

        application.SendSignal(signal);

        Assert.Equal(0, await application.WaitForExitAsync(TestApplication.Patience));
        Assert.All(processes, process => Assert.False(process.IsAlive));
        var stopped = application.Output.Where(line => line.Contains(" stopped")).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
        Assert.Equal(["third", "second", "first"], stopped);
    }

    [Fact]
    public async Task A_process_that_ignores_the_polite_way_is_killed_with_its_children()
    {
        await using var application = await AppHostProcess.StartAsync(TestApplication.Scenario("stubborn"));
        var child = int.Parse(
            await Http.GetStringAsync(new Uri(application.AddressOf("stubborn"), "/child")), CultureInfo.InvariantCulture);
        List<TestApplication.Snapshot> processes = [.. TestApplication.ProcessesOf(application), TestApplication.Snapshot.Of(child)];

        Assert.Equal(0, await application.StopAsync());

        Assert.All(processes, process => Assert.False(process.IsAlive));
    }

    [Fact]
    public async Task A_resource_whose_stop_fails_is_reported_and_the_others_are_stopped_in_order()
    {
        using var folder = new TemporaryFolder("stop-fails");
        await using var application = await AppHostProcess.StartAsync(TestApplication.Scenario("chain", folder.Path));
        var processes = TestApplication.ProcessesOf(application);
        // A folder cannot be deleted the way the record of an ended process is.
        var record = Path.Combine(folder.Path, "run", "third.json");
        File.Delete(record);
        Directory.CreateDirectory(record);

        Libc.Send(application.ProcessId, Signal.Terminate);

        Assert.Equal(0, await application.WaitForExitAsync(TestApplication.Patience));
        Assert.Contains(application.Output, line => line.Contains("third could not be stopped in order"));
        Assert.Equal(2, application.Output.Count(line => line.Contains(" stopped: after")));
        Assert.All(processes, process => Assert.False(process.IsAlive));
    }

    [Fact]
    public async Task A_second_Ctrl_C_does_not_wait_for_anybody()
    {
        await using var application = await AppHostProcess.StartAsync(TestApplication.Scenario("stubborn"));
        var processes = TestApplication.ProcessesOf(application);

        application.SendSignal(2);
        await TestApplication.EventuallyAsync(() => application.Output.Any(line => line.Contains(" stopping")), "stopping begins");
        application.SendSignal(2);

        // The grace of a process is ten seconds; force does not take them.
        Assert.Equal(0, await application.WaitForExitAsync(TimeSpan.FromSeconds(9)));
        Assert.All(processes, process => Assert.False(process.IsAlive));
    }

    [Fact]
    public async Task A_killed_engine_takes_its_processes_with_it()
    {
        await using var application = await AppHostProcess.StartAsync(TestApplication.Scenario("redis"));
        var processes = TestApplication.ProcessesOf(application);

        application.SendSignal(9);

        await TestApplication.EventuallyAsync(() => processes.All(process => !process.IsAlive), "every process has ended");
    }

    [Fact]
    public async Task The_next_start_ends_what_a_killed_engine_left_behind_and_nothing_else()
    {
        using var folder = new TemporaryFolder("leftovers");
        Directory.CreateDirectory(Path.Combine(folder.Path, "run"));
        using var leftover = StartSleep("earlier-run");
        using var descendant = StartSleep("earlier-run");
        using var reusedId = StartSleep("another-run");
        using var otherProgram = StartSleep("another-run");
        try
        {
            var record = RecordOf("leftover", leftover.Id);
            WriteRecord(folder.Path, record);
            WriteRecord(folder.Path, RecordOf("reused-id", reusedId.Id) with { StartTime = record.StartTime - 1 });
            WriteRecord(folder.Path, RecordOf("other-program", otherProgram.Id) with { Executables = ["/usr/bin/something-else"] });
            WriteRecord(folder.Path, RecordOf("other-boot", reusedId.Id) with { BootId = "another boot" });

            await using var application = await AppHostProcess.StartAsync(TestApplication.Scenario("chain", folder.Path));

            Assert.True(leftover.HasExited);
            Assert.True(descendant.HasExited);
            Assert.False(reusedId.HasExited);
            Assert.False(otherProgram.HasExited);
            Assert.Equal(2, application.Output.Count(line => line.StartsWith("Ended what an earlier run had left behind")));
        }
        finally
        {
            foreach (var process in new[] { leftover, descendant, reusedId, otherProgram })
            {
                process.Kill();
            }
        }
    }

    private static System.Diagnostics.Process StartSleep(string runId) => ProcessLauncher.Start(
        new ProcessSpec { Name = "sleep", FileName = "/bin/sleep", Arguments = ["1000"], WorkingDirectory = "/" }, runId);

    private static ProcessRecord RecordOf(string name, int processId)
    {
        Assert.True(SpinWait.SpinUntil(() => ProcFileSystem.Executable(processId) == Binaries.Executed("/bin/sleep"), TestApplication.Patience));
        return new ProcessRecord(
            name, processId, ProcFileSystem.StartTime(processId)!.Value, ProcFileSystem.BootId, "earlier-run",
            [Binaries.Executed("/bin/sleep")], "sleep 1000", 15);
    }

    private static void WriteRecord(string folder, ProcessRecord record) =>
        File.WriteAllText(Path.Combine(folder, "run", record.Name + ".json"), JsonSerializer.Serialize(record, JsonSerializerOptions.Web));
}
