using BotGeneric.Billing.Background;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Paddle.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Checkouts;

/// <summary>
/// Looks every minute after checkouts that nobody looks after: those whose process was killed while it waited for Paddle, and those that nobody has paid for
/// too long. Replicas may do so at the same time; each step may be repeated. One that fails is tried again later and later, and the others go on.
/// </summary>
/// <param name="scopes">A scope for each checkout.</param>
/// <param name="options">How long a checkout is kept open.</param>
/// <param name="metrics">Counts those that fail.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Gets outages.</param>
public sealed partial class CheckoutKeeper(
    IServiceScopeFactory scopes, IOptions<ShopOptions> options, BackgroundMetrics metrics, TimeProvider timeProvider, ILogger<CheckoutKeeper> logger)
    : BackgroundService
{
    private const int AtOnce = 100;

    // So many failures one after the other are no longer about single checkouts.
    private const int MaximumFailures = 3;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private readonly Postponements _postponed = new(timeProvider, Interval, TimeSpan.FromMinutes(15));

    /// <summary>Looks after all that are due.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many were brought to an end.</returns>
    public async Task<int> KeepAsync(CancellationToken cancellationToken)
    {
        var (settled, failures) = (0, 0);
        foreach (var checkout in await DueAsync(cancellationToken))
        {
            switch (await TryKeepAsync(checkout, cancellationToken))
            {
                case Kept.Settled:
                    (settled, failures) = (settled + 1, 0);
                    break;
                case Kept.Failed when ++failures < MaximumFailures:
                    break;
                case Kept.NotYet:
                    failures = 0;
                    break;
                default:
                    return settled;
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

    private async Task<Kept> TryKeepAsync(Checkout checkout, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var settlement = scope.ServiceProvider.GetRequiredService<CheckoutSettlement>();
        try
        {
            var isSettled = checkout.Status == CheckoutStatus.Creating
                ? await SettleAsync(settlement, checkout, cancellationToken)
                : await settlement.GiveUpAsync(checkout, cancellationToken) is null;
            if (isSettled)
            {
                _postponed.Forget(checkout.Id);
            }
            else
            {
                _postponed.Postpone(checkout.Id);
            }

            return isSettled ? Kept.Settled : Kept.NotYet;
        }
        catch (PaddleException exception) when (exception.Failure.ConcernsEveryCall)
        {
            LogLater(logger, checkout.Id, exception.Failure.Outcome, exception.Failure.Error?.Code);
            return Kept.Hopeless;
        }
        catch (PaddleException exception)
        {
            LogLater(logger, checkout.Id, exception.Failure.Outcome, exception.Failure.Error?.Code);
            Postpone(checkout);
            return exception.Failure is { MayPass: true, IsUnreadable: false } ? Kept.Failed : Kept.NotYet;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, exception, checkout.Id);
            Postpone(checkout);
            return Kept.Failed;
        }
    }

    private async Task<bool> SettleAsync(CheckoutSettlement settlement, Checkout checkout, CancellationToken cancellationToken)
    {
        try
        {
            return await settlement.SettleAsync(checkout, cancellationToken);
        }
        catch (PaddleException exception) when (exception.Unreadable.Count > 0 && timeProvider.GetUtcNow() - checkout.CreatedAt > options.Value.CheckoutLifetime)
        {
            // It must not keep the account from buying for ever. Whoever pays for it all the same has it: what says so is signed.
            LogUnreadable(logger, checkout.Id, exception.Unreadable[0].Id);
            await settlement.AbandonAsync(checkout.Id, CheckoutStatus.Creating);
            return true;
        }
    }

    private void Postpone(Checkout checkout)
    {
        metrics.Postponed(BackgroundMetrics.Checkout);
        _postponed.Postpone(checkout.Id);
    }

    private async Task<List<Checkout>> DueAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = timeProvider.GetUtcNow();
        var (lost, old) = (now - CheckoutSettlement.OnItsWay, now - options.Value.CheckoutLifetime);
        var postponed = _postponed.Waiting;
        return await scope.ServiceProvider.GetRequiredService<BillingDbContext>().Checkouts.AsNoTracking()
            .Where(row => !postponed.Contains(row.Id))
            .Where(row => (row.Status == CheckoutStatus.Creating && row.CreatedAt < lost) || (row.Status == CheckoutStatus.Open && row.CreatedAt < old))
            .OrderBy(row => row.CreatedAt)
            .Take(AtOnce)
            .ToListAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Checkout {Checkout} is not settled yet: {Outcome} ({Code})")]
    private static partial void LogLater(ILogger logger, Guid checkout, PaddleOutcome outcome, string? code);

    [LoggerMessage(Level = LogLevel.Error, Message = "Checkout {Checkout} cannot be settled; it is tried again later, and the others go on")]
    private static partial void LogFailed(ILogger logger, Exception exception, Guid checkout);

    [LoggerMessage(Level = LogLevel.Error, Message = "Checkout {Checkout} is given up: its transaction {Transaction} at Paddle cannot be read")]
    private static partial void LogUnreadable(ILogger logger, Guid checkout, string? transaction);

    [LoggerMessage(Level = LogLevel.Error, Message = "Checkouts cannot be looked after; the next attempt is in a minute")]
    private static partial void LogOutage(ILogger logger, Exception exception);

    private enum Kept
    {
        // Brought to an end.
        Settled,

        // Not now, for a reason of its own.
        NotYet,

        // Not now, for a reason that the next one may share.
        Failed,

        // Nor any other.
        Hopeless,
    }
}
