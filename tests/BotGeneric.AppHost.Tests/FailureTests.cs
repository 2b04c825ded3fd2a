using System.Net;
using System.Net.Sockets;
using BotGeneric.AppHost.Native;
using BotGeneric.Testing;

namespace BotGeneric.AppHost.Tests;

public sealed class FailureTests
{
    [Fact]
    public async Task A_process_that_ends_during_the_start_is_reported_with_exit_code_and_last_lines()
    {
        var (exitCode, output) = await TestApplication.RunToFailureAsync(TestApplication.Scenario("dies"));

        Assert.Equal(1, exitCode);
        Assert.Contains("ended with exit code 3", output);
        Assert.Contains("about to give up", output);
        Assert.Contains("the reason is a test", output);
        Assert.Contains("mortal.log", output);
    }

    [Fact]
    public async Task A_process_that_dies_later_is_reported_and_the_others_live_on()
    {
        await using var application = await AppHostProcess.StartAsync(TestApplication.Scenario("chain"));

        await application.KillResourceAsync("second");

        await TestApplication.EventuallyAsync(
            () => application.Output.Any(line => line.Contains("second") && line.Contains("ended with exit code 137")), "the death is reported");
        var state = application.State;
        Assert.Equal(ResourceState.Failed, state.Resources["second"].State);
        Assert.Equal(137, state.Resources["second"].ExitCode);
        Assert.Equal(ResourceState.Healthy, state.Resources["first"].State);
        Assert.Null(application.ExitCode);

        await application.StartResourceAsync("second");

        Assert.Equal(ResourceState.Healthy, application.State.Resources["second"].State);
        Assert.NotNull(application.ProcessIdOf("second"));
    }

    [Fact]
    public async Task A_resource_can_be_stopped_and_restarted_by_whoever_holds_the_token()
    {
        await using var application = await AppHostProcess.StartAsync(TestApplication.Scenario("chain"));
        var before = application.ProcessIdOf("third");

        await application.RestartResourceAsync("third");

        Assert.NotNull(application.ProcessIdOf("third"));
        Assert.NotEqual(before, application.ProcessIdOf("third"));
        using var http = new HttpClient();
        using var refused = await http.PostAsync($"{application.State.Control}/resources/third/stop", null);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(ResourceState.Healthy, application.State.Resources["third"].State);
    }

    [Fact]
    public async Task A_port_in_use_names_the_port_and_its_owner()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var (exitCode, output) = await TestApplication.RunToFailureAsync(TestApplication.Scenario("fixed-port", null, "--Port", $"{port}"));

        Assert.Equal(1, exitCode);
        Assert.Contains($"Port {port}", output);
        Assert.Contains($"process {Environment.ProcessId} ", output);
    }

    [Fact]
    public async Task A_refused_start_leaves_no_data_folder_behind_and_takes_none_away()
    {
        using var parent = new TemporaryFolder("refused");
        var folder = Path.Combine(parent.Path, "data");

        await TestApplication.RunToFailureAsync(TestApplication.Scenario("parameter", folder));
        Assert.False(Directory.Exists(folder));

        Directory.CreateDirectory(folder);
        await TestApplication.RunToFailureAsync(TestApplication.Scenario("parameter", folder));
        Assert.True(Directory.Exists(folder));
    }

    [Fact]
    public async Task What_went_wrong_is_said_on_the_error_stream()
    {
        await using var output = new StringWriter();
        await using var errors = new StringWriter();

        new EngineConsole(output, errors, verbose: false, TimeProvider.System).Failure(new EngineException("Port 1 is in use.", "Choose another."));

        Assert.Empty(output.ToString());
        Assert.Equal($"Port 1 is in use.{Environment.NewLine}  Choose another.{Environment.NewLine}", errors.ToString());
    }

    [Theory]
    [InlineData("postgres", "postgresql")]
    [InlineData("redis", "redis-server")]
    [InlineData("rabbitmq", "rabbitmq-server")]
    public async Task A_missing_server_names_the_command_that_installs_it(string scenario, string package)
    {
        using var empty = new TemporaryFolder("no-servers");
        var options = TestApplication.Scenario(scenario) with
        {
            Environment = new Dictionary<string, string> { [Binaries.ServerFolderVariable] = empty.Path },
        };

        var (exitCode, output) = await TestApplication.RunToFailureAsync(options);

        Assert.Equal(1, exitCode);
        Assert.Contains($"apt-get install --yes {package}", output);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("nonsense")]
    [InlineData("9")]
    public async Task A_corrupt_PostgreSQL_folder_is_refused_with_the_way_out(string? version)
    {
        using var folder = new TemporaryFolder("corrupt");
        var cluster = Directory.CreateDirectory(Path.Combine(folder.Path, "servers", "postgres", "data")).FullName;
        if (version is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(cluster, "PG_VERSION"), version);
        }

        var (exitCode, output) = await TestApplication.RunToFailureAsync(TestApplication.Scenario("postgres", folder.Path));

        Assert.Equal(1, exitCode);
        Assert.Contains("./run.sh --reset", output);
    }

    [Fact]
    public async Task A_damaged_Redis_file_is_reported_with_Redis_own_words_and_the_way_out()
    {
        using var folder = new TemporaryFolder("damaged");
        await using (await AppHostProcess.StartAsync(TestApplication.Scenario("redis", folder.Path)))
        {
            // The first start makes the files.
        }

        var log = Directory.GetFiles(Path.Combine(folder.Path, "servers", "redis", "appendonlydir"), "*.manifest").Single();
        await File.WriteAllTextAsync(log, "this is not a manifest\n");

        var (exitCode, output) = await TestApplication.RunToFailureAsync(TestApplication.Scenario("redis", folder.Path));

        Assert.Equal(1, exitCode);
        Assert.Contains("redis ended with exit code 1", output);
        Assert.Contains("AOF", output);
        Assert.Contains("./run.sh --reset", output);
    }

    [Fact]
    public async Task A_full_disk_is_refused_before_anything_starts()
    {
        var (exitCode, output) = await TestApplication.RunToFailureAsync(
            TestApplication.Scenario("redis", null, "--Engine:MinimumFreeMegabytes", "2000000000"));

        Assert.Equal(1, exitCode);
        Assert.Contains("is full", output);
        Assert.DoesNotContain("starting", output);
    }

    [Fact]
    public async Task A_disk_that_fills_up_is_reported_once_and_output_is_still_drained()
    {
        using var folder = new TemporaryFolder("full");
        await using var output = new StringWriter();
        var console = new EngineConsole(output, output, verbose: false, TimeProvider.System);
        var spec = new ProcessSpec
        {
            Name = "talkative",
            FileName = "/bin/sh",
            // More than a pipe holds.
            Arguments = ["-c", "i=0; while [ $i -lt 20000 ]; do echo \"line $i\"; i=$((i+1)); done"],
            WorkingDirectory = folder.Path,
        };
        ManagedProcess process;
        using (var log = new LogFile(new FileStream("/dev/full", FileMode.Open, FileAccess.Write), console.CannotWrite))
        {
            process = ManagedProcess.Start(spec, new ProcessRecords(folder.Path), TimeProvider.System, log.Write);
            Assert.Equal(0, await process.Exited.WaitAsync(TestApplication.Patience));
        }

        Assert.Equal("line 19999", process.Tail[^1]);
        Assert.Single(output.ToString().Split('\n'), line => line.Contains("/dev/full cannot be written"));
        Assert.Single(output.ToString().Split('\n'), line => line.Contains("Free some space"));
    }

    [Fact]
    public async Task A_state_file_that_cannot_be_written_stops_nothing_and_hinders_no_orderly_stop()
    {
        using var folder = new TemporaryFolder("stateless");
        Directory.CreateDirectory(Path.Combine(folder.Path, "state.json"));
        await using var application = AppHostProcess.Launch(TestApplication.Scenario("chain", folder.Path));
        await TestApplication.EventuallyAsync(
            () => application.Output.Any(line => line.Contains("third") && line.Contains("healthy")), "everything starts");

        Libc.Send(application.ProcessId, Signal.Terminate);

        Assert.Equal(0, await application.WaitForExitAsync(TestApplication.Patience));
        Assert.Single(application.Output, line => line.Contains("state.json cannot be written"));
        Assert.Equal(3, application.Output.Count(line => line.Contains("stopped")));
    }

    [Theory]
    [InlineData("engine.lock", "cannot be written")]
    [InlineData("parameters.json", "operating system refused")]
    public async Task A_data_folder_that_cannot_be_used_is_refused_with_the_way_out(string file, string reason)
    {
        using var folder = new TemporaryFolder("unusable");
        // A folder in the place of a file is refused for root too, like somebody else's file for an ordinary user.
        Directory.CreateDirectory(Path.Combine(folder.Path, file));

        var (exitCode, output) = await TestApplication.RunToFailureAsync(TestApplication.Scenario("chain", folder.Path));

        Assert.Equal(1, exitCode);
        Assert.Contains(reason, output);
        Assert.Contains("--data <folder>", output);
        Assert.DoesNotContain("   at ", output);
    }

    [Fact]
    public async Task A_second_engine_on_the_same_data_is_refused()
    {
        using var folder = new TemporaryFolder("shared");
        await using var application = await AppHostProcess.StartAsync(TestApplication.Scenario("chain", folder.Path));

        var (exitCode, output) = await TestApplication.RunToFailureAsync(TestApplication.Scenario("chain", folder.Path));

        Assert.Equal(1, exitCode);
        Assert.Contains($"process {application.ProcessId}", output);
        Assert.Equal(ResourceState.Healthy, application.State.Resources["third"].State);
    }

    [Fact]
    public async Task A_project_that_has_not_been_built_names_the_command_that_builds_it()
    {
        var (exitCode, output) = await TestApplication.RunToFailureAsync(TestApplication.Scenario("not-built"));

        Assert.Equal(1, exitCode);
        Assert.Contains("dotnet build", output);
    }

    [Fact]
    public async Task A_missing_parameter_names_its_key()
    {
        var (exitCode, output) = await TestApplication.RunToFailureAsync(TestApplication.Scenario("parameter"));

        Assert.Equal(1, exitCode);
        Assert.Contains("Parameters__required", output);
    }

    [Fact]
    public async Task A_password_that_would_need_quoting_is_refused_by_name()
    {
        var (exitCode, output) = await TestApplication.RunToFailureAsync(
            TestApplication.Scenario("redis", null, "--Parameters:redis-password", "with,comma"));

        Assert.Equal(1, exitCode);
        Assert.Contains("Parameters:redis-password", output);
        Assert.DoesNotContain("with,comma", output);
        Assert.DoesNotContain("starting", output);
    }

    [Fact]
    public async Task A_resource_that_never_becomes_healthy_ends_the_start()
    {
        var (exitCode, output) = await TestApplication.RunToFailureAsync(
            TestApplication.Scenario("chain", null, "--Engine:StartTimeoutSeconds", "0"));

        Assert.Equal(1, exitCode);
        Assert.Contains("is not healthy after", output);
    }
}
