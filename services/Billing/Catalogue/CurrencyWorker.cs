using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Catalogue;

/// <summary>Reads Paddle's currencies when the service starts and every day. While they cannot be read, what is known stays.</summary>
/// <param name="scopes">A scope for each look.</param>
/// <param name="currencies">What this process knows.</param>
/// <param name="paddle">Whether there is a key.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Gets failures.</param>
internal sealed partial class CurrencyWorker(
    IServiceScopeFactory scopes, Currencies currencies, IOptions<PaddleOptions> paddle, TimeProvider timeProvider, ILogger<CurrencyWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromDays(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    // Four decimals are the most that ISO 4217 has ever had; anything else is a misreading that would change what amounts look like.
    private const int MostDecimals = 4;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (string.IsNullOrEmpty(paddle.Value.ApiKey))
        {
            return;
        }

        var pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            var isRead = await TryReadAsync(stoppingToken);
            await Task.Delay(isRead ? Interval : pause, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = isRead ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task<bool> TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var known = new Dictionary<string, int>(StringComparer.Ordinal);
            // One that cannot be read stays as it is known.
            await foreach (var (currency, _) in scope.ServiceProvider.GetRequiredService<IPaddleClient>().ListCurrenciesAsync(cancellationToken).EachAsync(cancellationToken))
            {
                if (currency is { Code.Length: 3, DecimalPlaces: >= 0 and <= MostDecimals })
                {
                    known[currency.Code] = currency.DecimalPlaces;
                }
            }

            currencies.Learn(known);
            LogRead(logger, known.Count);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, exception);
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Read {Count} currencies from Paddle")]
    private static partial void LogRead(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Paddle's currencies cannot be read; what is known of them stays")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
