using System.ComponentModel;
using Microsoft.Extensions.Configuration;

namespace BotGeneric.AppHost.Native;

/// <summary>Runs an application: prepares, starts everything as the graph allows, watches, stops in reverse order.</summary>
internal sealed class Engine(DistributedApplicationBuilder builder) : IAsyncDisposable
{
    private const int DefaultMinimumFreeMegabytes = 512;
    private const int DefaultStartTimeoutSeconds = 180;

    // ENOSPC, which .NET passes on as it is.
    private const int NoSpaceLeft = 28;
    private static readonly TimeSpan HealthCheckTimeout = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time = builder.Options.Time;
    private readonly EngineConsole _console = new(builder.Options.Output, builder.Options.Errors, builder.Options.Verbose, builder.Options.Time);

    // Everything it asks is on this machine, which a proxy cannot reach.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = HealthCheckTimeout };
    private EngineLock? _lock;
    private ProcessRecords? _records;
    private Collector? _collector;
    private StateFile? _state;
    private Plan? _plan;

    // Ends waiting, starting and watching, whatever the reason to stop is.
    private readonly CancellationTokenSource _running = new();

    /// <summary>Runs until a stop signal. Zero after an orderly stop, 1 when the application could not start.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var signals = new StopSignals(cancellationToken);
        _console.Line(
            "Engine: native, servers as plain processes. For containers and the Aspire dashboard: dotnet run --project AppHost -p:UseAspire=true");
        try
        {
            var started = _time.GetTimestamp();
            await PrepareAsync(signals.Stop);
            using var stopping = signals.Stop.Register(_running.Cancel);
            await StartAsync(_running.Token);
            _state!.SetReady(true);
            ReadyMessage.Print(_console, builder, _plan!, _collector!, _time.GetElapsedTime(started));
            await Task.Delay(Timeout.Infinite, signals.Stop);
            return 0;
        }
        catch (OperationCanceledException) when (signals.Stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (EngineException exception)
        {
            _console.Failure(exception);
            return 1;
        }
        catch (IOException exception) when (exception.HResult == NoSpaceLeft)
        {
            _console.Failure(new EngineException($"The disk is full: {exception.Message}", "Free some space and start again.", exception));
            return 1;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or Win32Exception)
        {
            _console.Failure(new EngineException(
                $"The operating system refused something that the engine needs: {exception.Message}",
                "See that what is named exists and that this user may use it; --data <folder> keeps the data elsewhere.", exception));
            return 1;
        }
        finally
        {
            await StopAsync(signals.Force);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _http.Dispose();
        _running.Dispose();
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var data = new DataDirectory(builder.DataFolder);
        _lock = EngineLock.Take(data);
        try
        {
            await CheckAsync(data, cancellationToken);
        }
        catch when (data.IsNew)
        {
            // Nothing was started, so nothing in it is worth keeping.
            Directory.Delete(data.Root, recursive: true);
            throw;
        }

        _collector = await Collector.StartAsync(cancellationToken);
        _plan = await CreatePlanAsync(data, cancellationToken);
        _state = new StateFile(data.StateFile, builder, _plan, _collector, await ConnectionStringsAsync(cancellationToken), _console);
        _collector.Control = new ResourceControl(_plan, _state.ControlToken, _running.Token);
    }

    /// <exception cref="EngineException">Something that is needed is missing or taken.</exception>
    private async Task CheckAsync(DataDirectory data, CancellationToken cancellationToken)
    {
        _records = new ProcessRecords(data.Run);
        foreach (var leftover in await _records.CleanUpAsync(_time, cancellationToken))
        {
            _console.Line($"Ended what an earlier run had left behind: {leftover}");
        }

        Preflight.CheckDisk(data, builder.Settings.GetValue("Engine:MinimumFreeMegabytes", DefaultMinimumFreeMegabytes));
        Preflight.CheckBuildOutput(builder.Resources.OfType<ProjectResource>());
        Preflight.AllocatePorts(builder.Resources);
        foreach (var parameter in builder.Resources.OfType<ParameterResource>())
        {
            await parameter.GetValueAsync(cancellationToken);
        }
    }

    private async Task<IReadOnlyDictionary<string, string>> ConnectionStringsAsync(CancellationToken cancellationToken)
    {
        var connectionStrings = new Dictionary<string, string>();
        foreach (var resource in builder.Resources.OfType<IResourceWithConnectionString>())
        {
            connectionStrings[resource.Name] = await resource.GetValueAsync(cancellationToken) ?? "";
        }

        return connectionStrings;
    }

    private async Task<Plan> CreatePlanAsync(DataDirectory data, CancellationToken cancellationToken)
    {
        var context = new EngineContext
        {
            Data = data,
            Records = _records!,
            Console = _console,
            Time = _time,
            Http = _http,
            StartTimeout = TimeSpan.FromSeconds(builder.Settings.GetValue("Engine:StartTimeoutSeconds", DefaultStartTimeoutSeconds)),
            OtlpEndpoint = _collector!.Address,
            StateChanged = () => _state?.Write(),
        };
        var runners = new List<ResourceRunner>();
        foreach (var resource in builder.Resources)
        {
            if (resource is ServerResource server)
            {
                var native = await server.CreateServerAsync(data, builder.Parameters, cancellationToken);
                runners.Add(new ServerRunner(server, native, context));
            }
            else if (resource is ExecutableResource executable)
            {
                runners.Add(new ExecutableRunner(executable, context));
            }
        }

        _console.Register(runners.Select(runner => runner.Name));
        return new Plan(runners);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var starting = _plan!.Runners.Select(runner => runner.RunAsync(_plan.WaitsFor(runner), cancellationToken)).ToList();
        await foreach (var started in Task.WhenEach(starting).WithCancellation(cancellationToken))
        {
            // The first failure ends the start; what is still starting is stopped with everything else.
            await started;
        }
    }

    // Whatever goes wrong on the way, nothing may be left running, and the data folder must be free for the next start.
    private async Task StopAsync(CancellationToken force)
    {
        try
        {
            _state?.SetReady(false);
            await _running.CancelAsync();
            await StopRunnersAsync(force);
        }
        finally
        {
            try
            {
                if (_records is not null)
                {
                    ProcessRecords.KillDescendants(new HashSet<string> { _records.RunId });
                }

                if (_collector is not null)
                {
                    await _collector.DisposeAsync();
                    _collector = null;
                }
            }
            finally
            {
                _lock?.Dispose();
                _lock = null;
            }
        }
    }

    private async Task StopRunnersAsync(CancellationToken force)
    {
        if (_plan is null)
        {
            return;
        }

        var stops = new Dictionary<ResourceRunner, Lazy<Task>>();
        foreach (var runner in _plan.Runners)
        {
            stops[runner] = new Lazy<Task>(async () =>
            {
                await Task.WhenAll(_plan.StopsAfter(runner).Select(dependent => stops[dependent].Value));
                await StopOrReportAsync(runner, force);
            });
        }

        await Task.WhenAll(stops.Values.Select(stop => stop.Value));
        foreach (var runner in _plan.Runners)
        {
            runner.Dispose();
        }

        _plan = null;
    }

    private async Task StopOrReportAsync(ResourceRunner runner, CancellationToken force)
    {
        try
        {
            await runner.StopAsync(force);
        }
        catch (Exception exception)
        {
            // The others still have to be stopped, in their order.
            _console.Failure(new EngineException(
                $"{runner.Name} could not be stopped in order: {exception.Message}",
                "What is left of it is killed once everything else has stopped.", exception));
        }
    }
}
