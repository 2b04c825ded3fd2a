using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Accounts.Privacy;

/// <summary>Looks for deletions that are due.</summary>
public sealed partial class ErasureWorker(
    IServiceScopeFactory scopes, IOptions<AccountOptions> options, TimeProvider time, ILogger<ErasureWorker> logger) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ErasureInterval, time);
        do
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailure(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        bool hadOne;
        do
        {
            await using var scope = scopes.CreateAsyncScope();
            hadOne = await scope.ServiceProvider.GetRequiredService<Eraser>().EraseNextAsync(cancellationToken);
        }
        while (hadOne);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A deletion that is due could not be carried out; it is tried again")]
    private static partial void LogFailure(ILogger logger, Exception exception);
}
