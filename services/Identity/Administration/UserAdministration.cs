using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.ApiKeys;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Messaging;
using BotGeneric.Identity.Sessions;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Administration;

/// <summary>What admins do to accounts. Every method saves.</summary>
public sealed class UserAdministration(
    IdentityDbContext db, SessionService sessions, ApiKeyService keys, IdentityEvents events, AuditTrail audit, TimeProvider time)
{
    internal const int MaximumReason = 500;

    /// <summary>Locks an account: no credential of the person works any more. Sessions and keys end for good; unlocking does not bring them back.</summary>
    /// <param name="actorId">The admin.</param>
    /// <param name="userId">The person.</param>
    /// <param name="reason">Why; other admins see it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Outcome<User>> LockAsync(Guid? actorId, Guid userId, string? reason, CancellationToken cancellationToken) => ChangeAsync(
        userId,
        async user =>
        {
            var why = reason?.Trim();
            if (why is not { Length: > 0 and <= MaximumReason })
            {
                return Refusal.Invalid("reason", "reason-invalid", MaximumReason);
            }

            if (user.Id == actorId)
            {
                return Refusal.Conflict("lock-oneself");
            }

            if (user.IsAdmin && await LastAdmin.IsAsync(db, user.Id, cancellationToken))
            {
                return Refusal.Conflict("last-admin");
            }

            user.Lock(time.GetUtcNow(), why);
            await sessions.RevokeAllAsync(user, null, cancellationToken);
            await keys.RevokeAllAsync(db.ApiKeys.Where(key => key.UserId == user.Id), cancellationToken);
            events.Updated(user);
            audit.Add(AuditActions.UserLocked, user.Id, actorId: actorId);
            return user;
        },
        cancellationToken);

    /// <summary>Unlocks an account; one that is not locked stays as it is.</summary>
    /// <param name="actorId">The admin.</param>
    /// <param name="userId">The person.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Outcome<User>> UnlockAsync(Guid? actorId, Guid userId, CancellationToken cancellationToken) => ChangeAsync(
        userId,
        user =>
        {
            if (user.LockedAt is not null)
            {
                user.Unlock();
                events.Updated(user);
                audit.Add(AuditActions.UserUnlocked, user.Id, actorId: actorId);
            }

            return Task.FromResult<Outcome<User>>(user);
        },
        cancellationToken);

    /// <summary>Gives the person exactly these roles. Who loses one is signed out everywhere, so that no token goes on saying otherwise.</summary>
    /// <param name="actorId">The admin.</param>
    /// <param name="userId">The person.</param>
    /// <param name="roles">The roles.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Outcome<User>> SetRolesAsync(Guid? actorId, Guid userId, IReadOnlyCollection<string>? roles, CancellationToken cancellationToken) => ChangeAsync(
        userId,
        async user =>
        {
            if (roles is null || roles.FirstOrDefault(role => role != User.AdminRole) is not null)
            {
                return Refusal.Invalid("roles", "role-unknown", User.AdminRole);
            }

            var isAdmin = roles.Contains(User.AdminRole);
            if (isAdmin == user.IsAdmin)
            {
                return user;
            }

            if (isAdmin && !user.MaySignIn)
            {
                return Refusal.Conflict("account-ended");
            }

            if (!isAdmin && await LastAdmin.IsAsync(db, user.Id, cancellationToken))
            {
                return Refusal.Conflict("last-admin");
            }

            if (isAdmin)
            {
                user.Grant(User.AdminRole);
            }
            else
            {
                user.Withdraw(User.AdminRole);
                await sessions.RevokeAllAsync(user, null, cancellationToken);
                await keys.RevokeAllAsync(
                    db.ApiKeys.Where(key => key.UserId == user.Id && key.Scopes.Contains(ApiScopes.Admin)), cancellationToken);
            }

            audit.Add(
                AuditActions.RolesChanged, user.Id, actorId: actorId,
                details: new Dictionary<string, string?> { ["roles"] = string.Join(' ', user.Roles) });
            return user;
        },
        cancellationToken);

    /// <summary>Signs a person out everywhere.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Outcome<User>> RevokeSessionsAsync(Guid userId, CancellationToken cancellationToken) => ChangeAsync(
        userId,
        async user =>
        {
            await sessions.RevokeAllAsync(user, null, cancellationToken);
            return user;
        },
        cancellationToken);

    private async Task<Outcome<User>> ChangeAsync(Guid userId, Func<User, Task<Outcome<User>>> change, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await AdminLock.TakeAsync(db, cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM users WHERE id = {userId} FOR NO KEY UPDATE", cancellationToken);
        if (await db.Users.SingleOrDefaultAsync(user => user.Id == userId, cancellationToken) is not { DeletedAt: null } user)
        {
            return Refusal.NotFound("user-not-found");
        }

        var outcome = await change(user);
        if (outcome.IsDone)
        {
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return outcome;
    }
}
