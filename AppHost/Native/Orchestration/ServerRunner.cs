namespace BotGeneric.AppHost.Native;

/// <summary>Runs PostgreSQL, Redis or RabbitMQ.</summary>
internal sealed class ServerRunner(ServerResource resource, NativeServer server, EngineContext context) : ResourceRunner(resource, context)
{
    private static readonly TimeSpan MonitorInterval = TimeSpan.FromSeconds(10);
    private RunningServer? _running;

    protected override async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        _running = await RunningServer.StartAsync(server, Context.Records, Context.Time, OnLine, cancellationToken);
        ProcessId = _running.Main.Id;
    }

    protected override async Task WaitUntilHealthyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _running!.WaitUntilHealthyAsync(Context.StartTimeout, Context.Time, cancellationToken);
        }
        catch (EngineException exception) when (_running!.Main.Exited.IsCompleted)
        {
            throw Died(await _running.Main.Exited, _running.Main.Tail, exception.WayOut);
        }
    }

    protected override async Task MonitorAsync(CancellationToken cancellationToken)
    {
        var running = _running!;
        while (!running.Main.Exited.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAny(running.Main.Exited, Task.Delay(MonitorInterval, Context.Time, cancellationToken));
            if (running.Main.Exited.IsCompleted || cancellationToken.IsCancellationRequested)
            {
                break;
            }

            ReportHealth(await CheckOrReasonAsync(cancellationToken));
        }

        if (running.Main.Exited.IsCompleted && State is ResourceState.Healthy or ResourceState.Unhealthy)
        {
            Died(await running.Main.Exited, running.Main.Tail, "");
        }
    }

    protected override Task StopProcessAsync(CancellationToken force) => _running?.StopAsync(force) ?? Task.CompletedTask;

    private async Task<string?> CheckOrReasonAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await server.CheckAsync(cancellationToken);
        }
        catch (EngineException exception)
        {
            return exception.Message;
        }
    }

    private void ReportHealth(string? reason)
    {
        if (reason is not null && State == ResourceState.Healthy)
        {
            SetState(ResourceState.Unhealthy, reason);
        }
        else if (reason is null && State == ResourceState.Unhealthy)
        {
            SetState(ResourceState.Healthy);
        }
    }
}
