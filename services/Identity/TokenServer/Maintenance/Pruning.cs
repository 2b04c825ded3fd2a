using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace BotGeneric.Identity.TokenServer.Maintenance;

/// <summary>Deletes what is over: tokens, authorizations, attempts, proofs, links, invitations, sessions. One replica at a time does it.</summary>
internal sealed partial class Pruning(
    IServiceScopeFactory scopes, IOptions<TokenServerOptions> options, TimeProvider time, ILogger<Pruning> logger) : BackgroundService
{
    // The class of the lock: "prun" in ASCII.
    internal const int LockClass = 0x7072756E;

    // So that a late answer still learns that it is late or came twice, and clocks of several instances may differ.
    private static readonly TimeSpan AttemptsKept = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.Value.PruneInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await PruneAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, exception, options.Value.PruneInterval);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Deletes it now.</summary>
    /// <returns>How many rows, or null when another replica is at it.</returns>
    internal async Task<long?> PruneAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDbContext>();
        // The lock belongs to the connection, not to a transaction: the deletions are many and each is its own.
        await db.Database.OpenConnectionAsync(cancellationToken);
        if (!await db.Database.SqlQuery<bool>($"SELECT pg_try_advisory_lock({LockClass}, 0) AS \"Value\"").SingleAsync(cancellationToken))
        {
            return null;
        }

        try
        {
            return await DeleteAsync(scope.ServiceProvider, db, cancellationToken);
        }
        finally
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({LockClass}, 0)", CancellationToken.None);
        }
    }

    private async Task<long> DeleteAsync(IServiceProvider services, IdentityDbContext db, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var before = now - options.Value.PruneAfter;
        var late = now - AttemptsKept;
        var tokens = await services.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(before, cancellationToken);
        // An authorization goes when its last token has gone.
        var authorizations = await services.GetRequiredService<IOpenIddictAuthorizationManager>().PruneAsync(before, cancellationToken);
        var attempts = await db.SignInAttempts.Where(attempt => attempt.ExpiresAt < late).ExecuteDeleteAsync(cancellationToken);
        var proofs = await db.UsedProofs.Where(proof => proof.ExpiresAt < late).ExecuteDeleteAsync(cancellationToken);
        var links = await db.OneTimeLinks
            // One that was to make an account holds the address, the name and a password of somebody who has none.
            .Where(link => link.ExpiresAt < before || (link.Purpose == LinkPurpose.Register && link.ExpiresAt < now))
            .ExecuteDeleteAsync(cancellationToken);
        // An invitation holds the address of somebody who may have no account.
        var invitations = await db.Invitations.Where(invitation => invitation.ExpiresAt < before).ExecuteDeleteAsync(cancellationToken);
        links += await db.ChatLinks.Where(link => link.ExpiresAt < late).ExecuteDeleteAsync(cancellationToken);
        links += await db.MergeIntents.Where(intent => intent.ExpiresAt < late).ExecuteDeleteAsync(cancellationToken);
        await services.GetRequiredService<SessionService>().EndExpiredImpersonationsAsync(cancellationToken);
        await services.GetRequiredService<DeviceSessions>().EndOfMissingApplicationsAsync(cancellationToken);
        var sessions = await db.Sessions
            .Where(session => session.ExpiresAt < before || session.RevokedAt < before)
            .ExecuteDeleteAsync(cancellationToken);
        var total = tokens + authorizations + attempts + proofs + links + invitations + sessions;
        if (total > 0)
        {
            LogPruned(logger, tokens, authorizations, attempts, proofs, links, invitations, sessions);
        }

        return total;
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Deleted {Tokens} token(s), {Authorizations} authorization(s), {Attempts} attempt(s), {Proofs} proof(s), {Links} link(s), {Invitations} invitation(s), {Sessions} session(s) that were over")]
    private static partial void LogPruned(ILogger logger, long tokens, long authorizations, int attempts, int proofs, int links, int invitations, int sessions);

    [LoggerMessage(Level = LogLevel.Error, Message = "What is over could not be deleted; trying again in {Interval}")]
    private static partial void LogFailed(ILogger logger, Exception exception, TimeSpan interval);
}
