using BotGeneric.Billing.Data;
using BotGeneric.Billing.Paddle;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Billing.Catalogue;

/// <summary>
/// Writes what Paddle's catalogue lacks when the service starts, so that a first run can sell at once. It tries again until Paddle answers, and nobody waits for
/// it. What is there is left as it is: changes are an admin's to push.
/// </summary>
/// <param name="scopes">A scope for each try.</param>
/// <param name="dataSource">Billing's database.</param>
/// <param name="options">Whether to.</param>
/// <param name="paddle">Whether there is a key.</param>
/// <param name="environment">Development pushes unless it is told not to.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Gets what was done.</param>
internal sealed partial class CatalogueStarter(
    IServiceScopeFactory scopes,
    NpgsqlDataSource dataSource,
    IOptions<CatalogueOptions> options,
    IOptions<PaddleOptions> paddle,
    IHostEnvironment environment,
    TimeProvider timeProvider,
    ILogger<CatalogueStarter> logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!(options.Value.PushCatalogueAtStart ?? environment.IsDevelopment()) || string.IsNullOrEmpty(paddle.Value.ApiKey))
        {
            return;
        }

        for (var pause = FirstPause; !stoppingToken.IsCancellationRequested; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                if (await PushAsync(stoppingToken))
                {
                    return;
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, exception);
            }

            await Task.Delay(pause, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> PushAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await using var taken = await AdvisoryLock.TryTakeAsync(dataSource, BillingWork.Catalogue, cancellationToken);
        if (taken is null)
        {
            return false;
        }

        var push = scope.ServiceProvider.GetRequiredService<CataloguePush>();
        var report = await push.PushAsync(new PushRequest(), CataloguePush.Service, onlyMissing: true, cancellationToken);
        foreach (var item in report.Items)
        {
            LogPushed(logger, item.PlanCode, item.PriceId, item.Action, item.Outcome, item.PaddleId, item.Problem);
        }

        return report.IsWhole;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Plan {Plan}, price {Price} in Paddle's catalogue: {Action}, {Outcome} {PaddleId} {Problem}")]
    private static partial void LogPushed(
        ILogger logger, string plan, Guid? price, CatalogueAction action, CatalogueOutcome outcome, string? paddleId, string? problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Paddle's catalogue could not be written yet; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
