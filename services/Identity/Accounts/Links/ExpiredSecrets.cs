using BotGeneric.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Accounts.Links;

/// <summary>Deletes links and proofs that can be used no more, once an hour. Any number of replicas may do it at once.</summary>
public sealed partial class ExpiredSecrets(IServiceScopeFactory scopes, TimeProvider time, ILogger<ExpiredSecrets> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    // A link that was used or is too old says so for a while, instead of being unknown.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await DeleteAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailure(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task DeleteAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDbContext>();
        var now = time.GetUtcNow();
        var before = now - Kept;
        await db.OneTimeLinks.Where(link => link.ExpiresAt < before).ExecuteDeleteAsync(cancellationToken);
        await db.UsedProofs.Where(proof => proof.ExpiresAt < now).ExecuteDeleteAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Expired links could not be deleted; the next attempt is in an hour")]
    private static partial void LogFailure(ILogger logger, Exception exception);
}
