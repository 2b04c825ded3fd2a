using System.Globalization;

namespace BotGeneric.AppHost.Native;

/// <summary>Runs one resource: waits for what it needs, starts it, watches it, stops it.</summary>
internal abstract class ResourceRunner(IResource resource, EngineContext context) : IDisposable
{
    private readonly TaskCompletionSource _firstHealthy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _transition = new(1);
    private readonly LogFile _log = new(context.Data.Logs, resource.Name, context.Console.CannotWrite);
    private readonly LogFilter _filter = new();
    private long _startedAt;
    private Task _monitoring = Task.CompletedTask;

    public IResource Resource { get; } = resource;

    public string Name => Resource.Name;

    public ResourceState State { get; private set; } = ResourceState.Waiting;

    public DateTimeOffset Since { get; private set; } = context.Time.GetUtcNow();

    public int? ProcessId { get; protected set; }

    public int? ExitCode { get; private set; }

    public string LogPath => _log.Path;

    /// <summary>Completes when the resource is healthy for the first time; fails when it cannot become so.</summary>
    public Task FirstHealthy => _firstHealthy.Task;

    protected EngineContext Context { get; } = context;

    /// <summary>Starts the resource once everything it waits for is healthy, and returns when it is healthy itself.</summary>
    public async Task RunAsync(IReadOnlyList<ResourceRunner> dependencies, CancellationToken cancellationToken)
    {
        try
        {
            if (dependencies.Count > 0)
            {
                SetState(ResourceState.Waiting, "for " + string.Join(", ", dependencies.Select(dependency => dependency.Name)));
            }

            await Task.WhenAll(dependencies.Select(dependency => dependency.FirstHealthy)).WaitAsync(cancellationToken);
            await StartAsync(cancellationToken);
            _firstHealthy.TrySetResult();
        }
        catch (Exception exception)
        {
            _firstHealthy.TrySetException(exception);
            throw;
        }
    }

    /// <summary>Starts the process and waits until it is healthy.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _transition.WaitAsync(cancellationToken);
        try
        {
            if (State is ResourceState.Healthy or ResourceState.Unhealthy or ResourceState.Starting)
            {
                return;
            }

            ExitCode = null;
            _startedAt = Context.Time.GetTimestamp();
            SetState(ResourceState.Starting);
            await StartProcessAsync(cancellationToken);
            await WaitUntilHealthyAsync(cancellationToken);
            SetState(ResourceState.Healthy, $"after {Elapsed().TotalSeconds:0.0} s");
            _monitoring = MonitorAsync(cancellationToken);
        }
        finally
        {
            _transition.Release();
        }
    }

    /// <summary>Ends the process in an orderly way, or at once when <paramref name="force"/> is cancelled.</summary>
    public async Task StopAsync(CancellationToken force)
    {
        await _transition.WaitAsync(CancellationToken.None);
        try
        {
            if (State is not (ResourceState.Starting or ResourceState.Healthy or ResourceState.Unhealthy))
            {
                return;
            }

            var started = Context.Time.GetTimestamp();
            SetState(ResourceState.Stopping);
            await StopProcessAsync(force);
            await MonitoringEndedAsync();
            ProcessId = null;
            SetState(ResourceState.Stopped, $"after {Context.Time.GetElapsedTime(started).TotalSeconds:0.0} s");
        }
        finally
        {
            _transition.Release();
        }
    }

    public void Dispose()
    {
        _log.Dispose();
        _transition.Dispose();
    }

    protected abstract Task StartProcessAsync(CancellationToken cancellationToken);

    /// <exception cref="EngineException">The process ended or took too long.</exception>
    protected abstract Task WaitUntilHealthyAsync(CancellationToken cancellationToken);

    /// <summary>Checks the health again and again after the first time, until the process ends or the engine stops.</summary>
    protected abstract Task MonitorAsync(CancellationToken cancellationToken);

    protected abstract Task StopProcessAsync(CancellationToken force);

    protected TimeSpan Elapsed() => Context.Time.GetElapsedTime(_startedAt);

    protected void OnLine(string line)
    {
        _log.Write(line);
        if (Context.Console.Verbose || _filter.IsImportant(line))
        {
            Context.Console.Log(Name, line);
        }
    }

    /// <summary>Reports that the process ended although nobody asked it to.</summary>
    protected EngineException Died(int exitCode, IReadOnlyList<string> tail, string wayOut)
    {
        ExitCode = exitCode;
        ProcessId = null;
        SetState(ResourceState.Failed, $"ended with exit code {Explain(exitCode)}; its last lines ({LogPath}):");
        foreach (var line in tail)
        {
            Context.Console.Log(Name, line);
        }

        return new EngineException($"{Name} ended with exit code {Explain(exitCode)}.", wayOut);
    }

    // A shell's convention: 128 plus the number of the signal.
    private static string Explain(int exitCode) => exitCode switch
    {
        134 => "134 (aborted: an exception that nobody handled)",
        137 => "137 (killed: SIGKILL, by somebody or for want of memory)",
        139 => "139 (crashed: SIGSEGV)",
        143 => "143 (stopped: SIGTERM)",
        _ => exitCode.ToString(CultureInfo.InvariantCulture),
    };

    private async Task MonitoringEndedAsync()
    {
        try
        {
            await _monitoring;
        }
        catch (OperationCanceledException)
        {
            // The engine is stopping, and a health check was in the middle of its question.
        }
    }

    protected void SetState(ResourceState state, string? detail = null)
    {
        State = state;
        Since = Context.Time.GetUtcNow();
        Context.Console.State(Name, state, detail);
        Context.StateChanged();
    }
}
