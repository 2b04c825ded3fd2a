using BotGeneric.Billing.Paddle.Client;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Paddle.Edge;

/// <summary>
/// Asks Paddle once a day where its notifications come from, when that is checked. What was told last stays while it cannot be asked; it is asked
/// again every five minutes then.
/// </summary>
/// <param name="scopes">A client for each question.</param>
/// <param name="sources">Gets the answer.</param>
/// <param name="options">Whether it is checked.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Gets failures.</param>
internal sealed partial class PaddleSourceRefresher(
    IServiceScopeFactory scopes, PaddleSources sources, IOptions<PaddleOptions> options, TimeProvider timeProvider, ILogger<PaddleSourceRefresher> logger)
    : BackgroundService
{
    internal static readonly TimeSpan Interval = TimeSpan.FromDays(1);
    internal static readonly TimeSpan IntervalAfterFailure = TimeSpan.FromMinutes(5);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.VerifySourceAddress)
        {
            return;
        }

        while (true)
        {
            var isDone = await RefreshAsync(stoppingToken);
            await Task.Delay(isDone ? Interval : IntervalAfterFailure, timeProvider, stoppingToken);
        }
    }

    private async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var result = await scope.ServiceProvider.GetRequiredService<IPaddleClient>().GetSourceAddressesAsync(cancellationToken);
            if (result.Value is { } addresses && sources.Replace(addresses.Ipv4Cidrs))
            {
                return true;
            }

            LogFailed(logger, null, result.Outcome, sources.Age);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is, the process must not end for it.
            LogFailed(logger, exception, PaddleOutcome.Unavailable, sources.Age);
        }

        return false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Paddle's addresses could not be fetched ({Outcome}); those in use are {Age} old, without any every address is taken")]
    private static partial void LogFailed(ILogger logger, Exception? exception, PaddleOutcome outcome, TimeSpan? age);
}
