using System.Globalization;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Administration;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

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

    /// <summary>Whether a person is the only one left who runs the system: somebody else must become an admin before.</summary>
    /// <param name="user">The person.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<bool> IsLastAdminAsync(User user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user.IsAdmin && await LastAdmin.IsAsync(db, user.Id, cancellationToken);
    }

    /// <summary>The deletion that a person asked for and that has not begun; null: none.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Erasure?> FindAsync(Guid userId, CancellationToken cancellationToken) => db.Erasures.SingleOrDefaultAsync(
        erasure => erasure.UserId == userId && erasure.CancelledAt == null && erasure.StartedAt == null, cancellationToken);

    /// <summary>Asks for deletion; asking again keeps the first time. Saves.</summary>
    /// <param name="user">The person; tracked.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The deletion; null when organizations stand in the way, or that nobody else runs the system.</returns>
    public async Task<Erasure?> RequestAsync(User user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (user.IsAdmin)
        {
            await AdminLock.TakeAsync(db, cancellationToken);
        }

        // The same wish from another tab waits here, and finds this one.
        await db.LockAsync(user, cancellationToken);
        if (await FindAsync(user.Id, cancellationToken) is { } existing)
        {
            return existing;
        }

        if (!user.MaySignIn || (await HindrancesAsync(user.Id, cancellationToken)).Count > 0 || await IsLastAdminAsync(user, cancellationToken))
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

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return erasure;
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
