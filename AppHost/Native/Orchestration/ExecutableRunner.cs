namespace BotGeneric.AppHost.Native;

/// <summary>Runs a project or another program.</summary>
internal sealed class ExecutableRunner(ExecutableResource resource, EngineContext context) : ResourceRunner(resource, context)
{
    private static readonly TimeSpan StartPollInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MonitorInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PatienceBeforeReport = TimeSpan.FromSeconds(30);

    private readonly HealthProbe _probe = new(resource, context.Http);
    private ManagedProcess? _process;

    protected override async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        var environment = await ProcessEnvironment.ResolveAsync(resource, Context.OtlpEndpoint, cancellationToken);
        var spec = new ProcessSpec
        {
            Name = Name,
            FileName = FullPath(resource.Command),
            Arguments = resource is ProjectResource project ? [project.Output, .. resource.Arguments] : resource.Arguments,
            WorkingDirectory = resource.WorkingDirectory,
            Environment = environment,
        };
        _process = ManagedProcess.Start(spec, Context.Records, Context.Time, OnLine);
        ProcessId = _process.Id;
    }

    protected override async Task WaitUntilHealthyAsync(CancellationToken cancellationToken)
    {
        var process = _process!;
        var reported = false;
        while (await _probe.CheckAsync(cancellationToken) is { } reason)
        {
            if (process.Exited.IsCompleted)
            {
                throw Died(await process.Exited, process.Tail, $"Its whole log: {LogPath}");
            }

            if (Elapsed() > Context.StartTimeout)
            {
                throw new EngineException(
                    $"{Name} is not healthy after {Context.StartTimeout.TotalSeconds:0} s: {reason}", $"Its whole log: {LogPath}");
            }

            if (!reported && Elapsed() > PatienceBeforeReport)
            {
                reported = true;
                SetState(ResourceState.Starting, $"still not healthy: {reason}");
            }

            await Task.WhenAny(process.Exited, Task.Delay(StartPollInterval, Context.Time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    protected override async Task MonitorAsync(CancellationToken cancellationToken)
    {
        var process = _process!;
        while (!process.Exited.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAny(process.Exited, Task.Delay(MonitorInterval, Context.Time, cancellationToken));
            if (!process.Exited.IsCompleted && !cancellationToken.IsCancellationRequested)
            {
                ReportHealth(process, await _probe.CheckAsync(cancellationToken));
            }
        }

        if (process.Exited.IsCompleted && State is ResourceState.Healthy or ResourceState.Unhealthy)
        {
            Died(await process.Exited, process.Tail, "");
        }
    }

    protected override Task StopProcessAsync(CancellationToken force) => _process?.StopAsync(force) ?? Task.CompletedTask;

    private void ReportHealth(ManagedProcess process, string? reason)
    {
        if (process.Exited.IsCompleted)
        {
            return;
        }

        if (reason is not null && State == ResourceState.Healthy)
        {
            SetState(ResourceState.Unhealthy, reason);
        }
        else if (reason is null && State == ResourceState.Unhealthy)
        {
            SetState(ResourceState.Healthy);
        }
    }

    private static string FullPath(string command) => Path.IsPathRooted(command)
        ? command
        : Binaries.Find(command) ?? throw new EngineException($"The program '{command}' was not found.", "Install it, or correct its name.");
}
