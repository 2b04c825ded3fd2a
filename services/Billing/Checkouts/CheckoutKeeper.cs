using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Checkouts;

/// <summary>
/// Looks every minute after checkouts that nobody looks after: those whose process was killed while it waited for Paddle, and those that nobody has paid for
/// too long. Replicas may do so at the same time; each step may be repeated.
/// </summary>
/// <param name="scopes">A scope for each checkout.</param>
/// <param name="options">How long a checkout is kept open.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Gets outages.</param>
public sealed partial class CheckoutKeeper(
    IServiceScopeFactory scopes, IOptions<ShopOptions> options, TimeProvider timeProvider, ILogger<CheckoutKeeper> logger) : BackgroundService
{
    private const int AtOnce = 100;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Looks after all that are due.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many were brought to an end.</returns>
    public async Task<int> KeepAsync(CancellationToken cancellationToken)
    {
        var settled = 0;
        foreach (var checkout in await DueAsync(cancellationToken))
        {
            await using var scope = scopes.CreateAsyncScope();
            var settlement = scope.ServiceProvider.GetRequiredService<CheckoutSettlement>();
            try
            {
                var isSettled = checkout.Status == CheckoutStatus.Creating
                    ? await settlement.SettleAsync(checkout, cancellationToken)
                    : await settlement.GiveUpAsync(checkout, cancellationToken) is null;
                settled += isSettled ? 1 : 0;
            }
            catch (PaddleException exception)
            {
                LogLater(logger, checkout.Id, exception.Failure.Outcome);
                if (exception.Failure.Outcome is PaddleOutcome.NotConfigured or PaddleOutcome.Unavailable)
                {
                    break;
                }
            }
        }

        return settled;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await KeepAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is, the process must not end for it: the checkouts are still there in a minute.
                LogOutage(logger, exception);
            }
        }
    }

    private async Task<List<Checkout>> DueAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = timeProvider.GetUtcNow();
        var (lost, old) = (now - CheckoutSettlement.OnItsWay, now - options.Value.CheckoutLifetime);
        return await scope.ServiceProvider.GetRequiredService<BillingDbContext>().Checkouts.AsNoTracking()
            .Where(row => (row.Status == CheckoutStatus.Creating && row.CreatedAt < lost) || (row.Status == CheckoutStatus.Open && row.CreatedAt < old))
            .OrderBy(row => row.CreatedAt)
            .Take(AtOnce)
            .ToListAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Checkout {Checkout} is not settled yet: {Outcome}")]
    private static partial void LogLater(ILogger logger, Guid checkout, PaddleOutcome outcome);

    [LoggerMessage(Level = LogLevel.Error, Message = "Checkouts cannot be looked after; the next attempt is in a minute")]
    private static partial void LogOutage(ILogger logger, Exception exception);
}
