namespace BotGeneric.AppHost.Native;

/// <summary>An application of several processes, run by the native engine.</summary>
public sealed class DistributedApplication : IAsyncDisposable
{
    private readonly Engine _engine;

    internal DistributedApplication(DistributedApplicationBuilder builder) => _engine = new Engine(builder);

    /// <summary>Begins an application.</summary>
    /// <param name="args">
    /// <c>--data folder</c> keeps the data there, <c>--verbose</c> prints every log line, <c>--key value</c> sets configuration.
    /// </param>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(EngineOptions.Parse(args));

    /// <summary>
    /// Runs the application until Ctrl-C, SIGTERM or SIGHUP. When it cannot start, the reason is printed and the exit code of this process
    /// becomes 1.
    /// </summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <inheritdoc cref="Run" />
    public async Task RunAsync(CancellationToken cancellationToken = default) =>
        Environment.ExitCode = await _engine.RunAsync(cancellationToken);

    /// <summary>Releases what is left of a run.</summary>
    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
