using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.SecondFactors;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using BotGeneric.Identity.Sessions;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;

namespace BotGeneric.Identity.Merging;

/// <summary>
/// Moves everything of one account to another and leaves a row that leads there. First what the absorbed account gives up is written, so that no
/// unique index sees anything twice; audit entries come last, because their chain is one lock for everybody.
/// </summary>
internal sealed class AccountMove(
    IdentityDbContext db, SessionService sessions, SecondFactors factors, IdentityEvents events, AuditTrail audit, TimeProvider time)
{
    /// <summary>Moves it. Needs a transaction in which both are locked, with the organizations of both.</summary>
    /// <param name="kept">The account that stays; tracked.</param>
    /// <param name="absorbed">The account that becomes part of it; tracked.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task MoveAsync(User kept, User absorbed, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var before = new Former(absorbed.Email, absorbed.NormalizedEmail, absorbed.PasswordHash, absorbed.DisplayName, absorbed.Language);
        var identities = await MoveIdentitiesAsync(kept.Id, absorbed.Id, cancellationToken);
        await MoveKeysAsync(kept.Id, absorbed.Id, now, cancellationToken);
        await MoveInvitationsAsync(kept, absorbed, cancellationToken);
        if (MergeRules.MovesSecondFactor(kept, absorbed))
        {
            await factors.MoveAsync(absorbed, kept, cancellationToken);
        }

        await ForgetAsync(absorbed.Id, cancellationToken);
        var memberships = await db.Memberships
            .Where(membership => (membership.UserId == absorbed.Id && membership.Role != null) || membership.UserId == kept.Id)
            .ToListAsync(cancellationToken);
        var parts = memberships
            .Where(membership => membership.UserId == absorbed.Id)
            .Select(left => (Left: left, Role: left.Role!))
            .ToList();
        parts.ForEach(part => part.Left.Leave());
        absorbed.BecomePartOf(kept.Id, now);
        await db.Users
            .Where(user => user.MergedIntoId == absorbed.Id)
            .ExecuteUpdateAsync(row => row.SetProperty(user => user.MergedIntoId, kept.Id), cancellationToken);
        await db.SaveChangesAsync(cancellationToken);

        await sessions.RevokeAllAsync(absorbed, except: null, cancellationToken);
        foreach (var (left, role) in parts)
        {
            Join(kept.Id, left, role, memberships.Find(own => own.UserId == kept.Id && own.OrganizationId == left.OrganizationId), now);
        }

        identities.ForEach(events.Linked);
        TakeOver(kept, before);
        events.Updated(absorbed);
        events.Updated(kept);
        events.Merged(kept.Id, absorbed.Id);
        audit.Add(AuditActions.AccountsMerged, kept.Id, target: absorbed.Id.ToString(), actorId: kept.Id);
        audit.Add(AuditActions.AccountAbsorbed, absorbed.Id, target: kept.Id.ToString(), actorId: kept.Id);
        Tell(kept, absorbed, before);
        await db.SaveChangesAsync(cancellationToken);
    }

    // Of each provider one: where the account that stays has one, the other ends.
    private async Task<List<ExternalIdentity>> MoveIdentitiesAsync(Guid keptId, Guid absorbedId, CancellationToken cancellationToken)
    {
        var all = await db.ExternalIdentities.Where(identity => identity.UserId == keptId || identity.UserId == absorbedId).ToListAsync(cancellationToken);
        var held = all.Where(identity => identity.UserId == keptId).Select(identity => identity.Provider).ToHashSet(StringComparer.Ordinal);
        var others = all.Where(identity => identity.UserId == absorbedId).ToList();
        others.ForEach(events.Unlinked);
        db.ExternalIdentities.RemoveRange(others.Where(identity => held.Contains(identity.Provider)));
        var moving = others.Where(identity => !held.Contains(identity.Provider)).ToList();
        moving.ForEach(identity => identity.MoveTo(keptId));
        return moving;
    }

    // They go on working. Whoever remembers what one stands for asks again and learns of the other account.
    private async Task MoveKeysAsync(Guid keptId, Guid absorbedId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var key in await db.ApiKeys.Where(key => key.UserId == absorbedId).ToListAsync(cancellationToken))
        {
            if (key.IsAlive(now))
            {
                events.Revoked(key);
            }

            key.MoveTo(keptId);
        }
    }

    // An invitation is for an address. When the address moves, they come along; when it goes, they are for the one that stays, where none is open.
    private async Task MoveInvitationsAsync(User kept, User absorbed, CancellationToken cancellationToken)
    {
        await db.Invitations
            .Where(invitation => invitation.InvitedBy == absorbed.Id)
            .ExecuteUpdateAsync(row => row.SetProperty(invitation => invitation.InvitedBy, kept.Id), cancellationToken);
        if (kept.NormalizedEmail is not { } address || absorbed.NormalizedEmail is not { } former)
        {
            return;
        }

        var open = await db.Invitations
            .Where(invitation => (invitation.NormalizedEmail == former || invitation.NormalizedEmail == address)
                && invitation.AcceptedAt == null && invitation.RevokedAt == null)
            .ToListAsync(cancellationToken);
        var invited = open.Where(invitation => invitation.NormalizedEmail == address).Select(invitation => invitation.OrganizationId).ToHashSet();
        foreach (var invitation in open.Where(invitation => invitation.NormalizedEmail == former))
        {
            if (invited.Contains(invitation.OrganizationId))
            {
                invitation.Revoke(time.GetUtcNow());
            }
            else
            {
                invitation.Readdress(kept.Email!, address);
            }
        }
    }

    private async Task ForgetAsync(Guid absorbedId, CancellationToken cancellationToken)
    {
        var subject = absorbedId.ToString();
        await db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().Where(token => token.Subject == subject).ExecuteDeleteAsync(cancellationToken);
        await db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().Where(consent => consent.Subject == subject).ExecuteDeleteAsync(cancellationToken);
        await db.UserTokens.Where(token => token.UserId == absorbedId).ExecuteDeleteAsync(cancellationToken);
        await db.UserClaims.Where(claim => claim.UserId == absorbedId).ExecuteDeleteAsync(cancellationToken);
        await db.UserLogins.Where(login => login.UserId == absorbedId).ExecuteDeleteAsync(cancellationToken);
        await db.Set<IdentityUserPasskey<Guid>>().Where(passkey => passkey.UserId == absorbedId).ExecuteDeleteAsync(cancellationToken);
        await db.SignInAttempts.Where(attempt => attempt.UserId == absorbedId).ExecuteDeleteAsync(cancellationToken);
        await db.OneTimeLinks.Where(link => link.UserId == absorbedId).ExecuteDeleteAsync(cancellationToken);
        await db.ChatLinks.Where(link => link.UserId == absorbedId).ExecuteDeleteAsync(cancellationToken);
    }

    private void Join(Guid keptId, Membership left, string role, Membership? own, DateTimeOffset now)
    {
        events.Changed(left);
        audit.Add(AuditActions.MemberLeft, left.UserId, organizationId: left.OrganizationId, actorId: keptId);
        var isChanged = true;
        if (own is null)
        {
            own = Membership.Join(left.OrganizationId, keptId, role, now);
            db.Memberships.Add(own);
        }
        else if (own.Role is null)
        {
            own.Rejoin(role, now);
        }
        else
        {
            isChanged = own.ChangeRole(OrganizationPermissions.Higher(own.Role, role));
        }

        if (isChanged)
        {
            events.Changed(own);
            audit.Add(
                role == OrganizationRoles.Owner ? AuditActions.OwnershipTransferred : AuditActions.MemberJoined, keptId,
                organizationId: left.OrganizationId, actorId: keptId, details: new Dictionary<string, string?> { ["role"] = own.Role });
        }
    }

    private static void TakeOver(User kept, Former former)
    {
        kept.DisplayName ??= former.DisplayName;
        kept.ConcurrencyStamp = Guid.NewGuid().ToString();
        if (kept.Email is null && former.Email is not null)
        {
            kept.Email = former.Email;
            kept.NormalizedEmail = former.NormalizedEmail;
            kept.EmailConfirmed = true;
            kept.PasswordHash = former.PasswordHash;
            kept.SecurityStamp = Guid.NewGuid().ToString("N");
        }
    }

    private void Tell(User kept, User absorbed, Former former)
    {
        var values = new Dictionary<string, string> { ["when"] = events.Now() };
        if (kept.Email is { } address)
        {
            events.Notify(NotificationTemplates.AccountsMerged, address, kept.Language, kept.Id, values);
        }

        if (former.Email is { } gone && former.NormalizedEmail != kept.NormalizedEmail)
        {
            events.Notify(NotificationTemplates.AccountAbsorbed, gone, former.Language, absorbed.Id, values);
        }
    }

    // What the absorbed account had before it was emptied.
    private sealed record Former(string? Email, string? NormalizedEmail, string? PasswordHash, string? DisplayName, string Language);
}
