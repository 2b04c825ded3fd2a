using BotGeneric.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.External.Attempts;

/// <summary>Forgets attempts and proofs that are too old to be used, every ten minutes.</summary>
internal sealed partial class ExpiredAttempts(IServiceScopeFactory scopes, TimeProvider time, ILogger<ExpiredAttempts> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    // So that a late answer still learns that it is late or came twice, and clocks of several instances may differ.
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    internal async Task<int> DeleteAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDbContext>();
        var before = time.GetUtcNow() - Kept;
        return await db.SignInAttempts.Where(attempt => attempt.ExpiresAt < before).ExecuteDeleteAsync(cancellationToken)
            + await db.UsedProofs.Where(proof => proof.ExpiresAt < before).ExecuteDeleteAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await DeleteAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(logger, exception);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Expired sign-in attempts could not be deleted")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
