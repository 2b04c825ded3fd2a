using System.Globalization;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Identity.Accounts.Privacy;

/// <summary>Asks for the deletion of an account, and calls it off.</summary>
public sealed class DeletionService(
    IdentityDbContext db, IdentityEvents events, AuditTrail audit, IOptions<AccountOptions> options, IOptions<OriginOptions> origin, TimeProvider time)
{
    /// <summary>The organizations that a person owns and others use: they must be handed over or closed before.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<string>> HindrancesAsync(Guid userId, CancellationToken cancellationToken) => await db.Memberships
        .Where(own => own.UserId == userId && own.Role == OrganizationRoles.Owner
            && db.Memberships.Any(other => other.OrganizationId == own.OrganizationId && other.UserId != userId && other.Role != null))
        .Join(db.Organizations.Where(organization => organization.ClosedAt == null),
            own => own.OrganizationId, organization => organization.Id, (_, organization) => organization.Name)
        .OrderBy(name => name)
        .ToListAsync(cancellationToken);

    /// <summary>The deletion that a person asked for and that has not begun; null: none.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Erasure?> FindAsync(Guid userId, CancellationToken cancellationToken) => db.Erasures.SingleOrDefaultAsync(
        erasure => erasure.UserId == userId && erasure.CancelledAt == null && erasure.StartedAt == null, cancellationToken);

    /// <summary>Asks for deletion; asking again keeps the first time. Saves.</summary>
    /// <param name="user">The person; tracked.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The deletion; null when organizations stand in the way.</returns>
    public async Task<Erasure?> RequestAsync(User user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (await FindAsync(user.Id, cancellationToken) is { } existing)
        {
            return existing;
        }

        if ((await HindrancesAsync(user.Id, cancellationToken)).Count > 0)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var erasure = Erasure.Request(user.Id, now, options.Value.DeletionGrace);
        db.Erasures.Add(erasure);
        user.RequestDeletion(now);
        events.Updated(user);
        audit.Add(AuditActions.DeletionRequested, user.Id, actorId: user.Id);
        if (user.Email is not null)
        {
            events.Notify(NotificationTemplates.DeletionScheduled, user.Email, user.Language, user.Id, new Dictionary<string, string>
            {
                ["when"] = erasure.DueAt.ToString("O", CultureInfo.InvariantCulture),
                ["cancelLink"] = origin.Value.Address(SignInFlow.KeepPath).ToString(),
            });
        }

        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return erasure;
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // The same wish, from another tab.
            db.ChangeTracker.Clear();
            return await FindAsync(user.Id, cancellationToken);
        }
    }

    /// <summary>Calls deletion off; does nothing when none was asked for. Saves.</summary>
    /// <param name="user">The person; tracked.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False when it has begun and cannot be called off.</returns>
    public async Task<bool> CancelAsync(User user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (await FindAsync(user.Id, cancellationToken) is not { } erasure)
        {
            return user.DeletedAt is null;
        }

        erasure.Cancel(time.GetUtcNow());
        user.CancelDeletion();
        events.Updated(user);
        audit.Add(AuditActions.DeletionCancelled, user.Id, actorId: user.Id);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateConcurrencyException)
        {
            // It began at this moment.
            return false;
        }
    }
}
