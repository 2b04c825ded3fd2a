using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using BotGeneric.AppHost.Native;

namespace BotGeneric.Testing;

/// <summary>
/// The whole application as a child process, on free ports, with a data folder of its own. It ends with the test process, however that ends.
/// </summary>
public sealed class AppHostProcess : IAsyncDisposable
{
    private const string DevelopmentApiKeyParameter = "development-admin-key";
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly TemporaryFolder? _temporaryFolder;
    private readonly List<string> _output = [];
    private readonly Task _reading;
    private readonly HttpClient _control = new() { Timeout = TimeSpan.FromMinutes(2) };

    private AppHostProcess(Process process, string dataFolder, TemporaryFolder? temporaryFolder)
    {
        _process = process;
        _temporaryFolder = temporaryFolder;
        DataFolder = dataFolder;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    /// <summary>The process id of the engine.</summary>
    public int ProcessId => _process.Id;

    /// <summary>The exit code of the engine; null while it runs.</summary>
    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    /// <summary>Where data, logs and <c>state.json</c> are.</summary>
    public string DataFolder { get; }

    /// <summary>Everything that the engine has printed.</summary>
    public IReadOnlyList<string> Output
    {
        get
        {
            lock (_output)
            {
                return [.. _output];
            }
        }
    }

    /// <summary>The state of the engine and of every resource, as it is now.</summary>
    public EngineState State => TryReadState() ?? throw new InvalidOperationException("The engine has not written its state yet.");

    /// <summary>The address of the gateway.</summary>
    public Uri Gateway => new(State.Address ?? throw new InvalidOperationException("The application has no external address."));

    /// <summary>The first admin's key, with every scope.</summary>
    public string DevelopmentApiKey => State.Parameters[DevelopmentApiKeyParameter];

    /// <summary>The address of the recent traces: <c>.json</c> behind it for a list, <c>/{traceId}.json</c> for the spans of one.</summary>
    public Uri Traces => new(State.Traces);

    /// <summary>Starts the application and waits until every resource is healthy.</summary>
    /// <exception cref="InvalidOperationException">It ended before, or took too long; the message holds what it printed.</exception>
    public static async Task<AppHostProcess> StartAsync(AppHostProcessOptions? options = null, CancellationToken cancellationToken = default)
    {
        var process = Launch(options ?? new AppHostProcessOptions());
        try
        {
            await process.WaitUntilReadyAsync((options ?? new AppHostProcessOptions()).StartTimeout, cancellationToken);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the application and returns at once.</summary>
    public static AppHostProcess Launch(AppHostProcessOptions options)
    {
        var temporary = options.DataFolder is null ? new TemporaryFolder("app") : null;
        var dataFolder = options.DataFolder ?? temporary!.Path;
        var environment = new Dictionary<string, string> { ["DOTNET_ENVIRONMENT"] = "Development", ["NO_COLOR"] = "1" };
        foreach (var (name, value) in options.Environment)
        {
            environment[name] = value;
        }

        var spec = new ProcessSpec
        {
            Name = "apphost",
            // A runner in the background, or under nohup, has its children ignore signals that these tests send.
            FileName = "/usr/bin/env",
            Arguments = ["--default-signal=HUP,INT", Binaries.DotNet(), options.Program, "--data", dataFolder, "--Gateway:Port", "0", .. options.Arguments],
            WorkingDirectory = RepositoryPaths.Root,
            Environment = environment,
            OrphanSignal = Signal.Terminate,
        };
        var process = ProcessLauncher.Start(spec, runId: "tests");
        process.StandardInput.Close();
        return new AppHostProcess(process, dataFolder, temporary);
    }

    /// <summary>Waits until every resource is healthy.</summary>
    public async Task WaitUntilReadyAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TryReadState() is not { Ready: true } state || state.EngineProcessId != ProcessId)
        {
            if (_process.HasExited)
            {
                await _reading;
                throw new InvalidOperationException($"The application ended with exit code {_process.ExitCode}:\n{string.Join('\n', Output)}");
            }

            if (TimeProvider.System.GetElapsedTime(started) > timeout)
            {
                throw new InvalidOperationException($"The application is not ready after {timeout}:\n{string.Join('\n', Output)}");
            }

            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    /// <summary>The process id of a resource; null when it does not run.</summary>
    public int? ProcessIdOf(string resource) => State.Resources[resource].ProcessId;

    /// <summary>The URL of a resource's endpoint.</summary>
    public Uri AddressOf(string resource, string endpoint = "http") => new(State.Resources[resource].Endpoints[endpoint]);

    /// <summary>Kills the process of a resource (SIGKILL) and waits until the engine has noticed.</summary>
    public async Task KillResourceAsync(string resource, CancellationToken cancellationToken = default)
    {
        var processId = ProcessIdOf(resource) ?? throw new InvalidOperationException($"{resource} does not run.");
        Libc.Send(processId, Signal.Kill);
        while (ProcessIdOf(resource) == processId)
        {
            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    /// <summary>Starts a resource that has ended, and waits until it is healthy.</summary>
    public Task StartResourceAsync(string resource, CancellationToken cancellationToken = default) =>
        ControlAsync(resource, "start", cancellationToken);

    /// <summary>Stops a resource in an orderly way.</summary>
    public Task StopResourceAsync(string resource, CancellationToken cancellationToken = default) =>
        ControlAsync(resource, "stop", cancellationToken);

    /// <summary>Stops a resource and starts it again.</summary>
    public Task RestartResourceAsync(string resource, CancellationToken cancellationToken = default) =>
        ControlAsync(resource, "restart", cancellationToken);

    /// <summary>Stops the application as SIGTERM does, and returns the engine's exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
        {
            Libc.Send(_process.Id, Signal.Terminate);
        }

        return await WaitForExitAsync(StopTimeout);
    }

    /// <summary>Sends the engine a signal by its number, for example 2 for Ctrl-C or 9 for kill.</summary>
    public void SendSignal(int signal) => Libc.Send(_process.Id, (Signal)signal);

    /// <summary>Waits until the engine has ended by itself, and returns its exit code.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan timeout)
    {
        using var expired = new CancellationTokenSource(timeout);
        await _process.WaitForExitAsync(expired.Token);
        // What is still running may hold the pipes of a killed engine.
        await Task.WhenAny(_reading, Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None));
        return _process.ExitCode;
    }

    /// <summary>Stops the application and deletes its temporary data.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"The application did not stop within {StopTimeout}:\n{string.Join('\n', Output)}");
        }
        finally
        {
            _control.Dispose();
            _process.Dispose();
            _temporaryFolder?.Dispose();
        }
    }

    private EngineState? TryReadState()
    {
        var path = Path.Combine(DataFolder, "state.json");
        return File.Exists(path) ? JsonSerializer.Deserialize<EngineState>(File.ReadAllText(path), StateFile.Json) : null;
    }

    private async Task ControlAsync(string resource, string action, CancellationToken cancellationToken)
    {
        var state = State;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{state.Control}/resources/{resource}/{action}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", state.ControlToken);
        using var response = await _control.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new InvalidOperationException($"'{action}' of {resource} answered {(int)response.StatusCode}: {body}");
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_output)
            {
                _output.Add(line);
            }
        }
    }
}
