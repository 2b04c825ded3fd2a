using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.TokenServer.Keys;

/// <summary>Has keys before the first request, and looks after them from then on.</summary>
internal sealed partial class SigningKeyRotation(
    SigningKeyStore store, IOptions<TokenServerOptions> options, TimeProvider time, ILogger<SigningKeyRotation> logger) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await store.RefreshAsync(mayWait: true, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Keys.RefreshInterval, time);
        while (await WaitAsync(timer, stoppingToken))
        {
            try
            {
                await store.RefreshAsync(mayWait: false, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, exception);
            }
        }
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The keys of the token server could not be looked at; the ones known before are used until that works again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
