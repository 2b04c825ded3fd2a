using System.Globalization;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Organizations;

/// <summary>Sends invitations, sends them again, takes them back. Every method saves.</summary>
public sealed class InvitationService(
    IdentityDbContext db, OrganizationGate gate, IdentityEvents events, AuditTrail audit, ILookupNormalizer normalizer, IOptions<OriginOptions> origin,
    IOptions<OrganizationOptions> options, TimeProvider time)
{
    internal const string AcceptPath = "/account/invitations/accept";
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>Invites somebody by e-mail.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="actorId">Who invites.</param>
    /// <param name="email">The address.</param>
    /// <param name="role">The role that comes with it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Outcome<Invitation>> InviteAsync(
        Guid organizationId, Guid actorId, string? email, string? role, CancellationToken cancellationToken) =>
        gate.ChangeAsync<Invitation>(
            organizationId, actorId, OrganizationAct.Invite,
            async (organization, actor) =>
            {
                var wrong = Refusal.Together(
                    EmailAddress.TryRead(email, out var address) ? null : Refusal.Invalid("email", "email-invalid"),
                    role is not null && OrganizationPermissions.MayInvite(actor.Role, role) ? null : Refusal.Invalid("role", "role-invalid"));
                if (wrong is not null)
                {
                    return wrong;
                }

                var normalized = normalizer.NormalizeEmail(address!)!;
                if (await RefusalAsync(organizationId, normalized, cancellationToken) is { } refusal)
                {
                    return refusal;
                }

                var now = time.GetUtcNow();
                var secret = Secrets.Create();
                var invitation = Invitation.Create(
                    organizationId, address!, normalized, role!, actorId, Secrets.Hash(secret), now, options.Value.InvitationLifetime);
                db.Invitations.Add(invitation);
                await SendAsync(organization, invitation, actorId, secret, repeated: false, cancellationToken);
                return invitation;
            },
            cancellationToken);

    /// <summary>Sends an invitation again, with a new link and a new week; the old link stops working.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="actorId">Who wants it.</param>
    /// <param name="invitationId">The invitation.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Outcome<Invitation>> ResendAsync(Guid organizationId, Guid actorId, Guid invitationId, CancellationToken cancellationToken) =>
        gate.ChangeAsync<Invitation>(
            organizationId, actorId, OrganizationAct.Invite,
            async (organization, _) =>
            {
                if (await FindAsync(organizationId, invitationId, cancellationToken) is not { } invitation)
                {
                    return OrganizationRefusals.InvitationNotFound;
                }

                if (await TooManySentAsync(organizationId, cancellationToken) is { } refusal)
                {
                    return refusal;
                }

                var secret = Secrets.Create();
                invitation.Renew(Secrets.Hash(secret), time.GetUtcNow() + options.Value.InvitationLifetime);
                await SendAsync(organization, invitation, actorId, secret, repeated: true, cancellationToken);
                return invitation;
            },
            cancellationToken);

    /// <summary>Takes an invitation back.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="actorId">Who wants it.</param>
    /// <param name="invitationId">The invitation.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Outcome<Invitation>> RevokeAsync(Guid organizationId, Guid actorId, Guid invitationId, CancellationToken cancellationToken) =>
        gate.ChangeAsync<Invitation>(
            organizationId, actorId, OrganizationAct.Invite,
            async (_, _) =>
            {
                if (await FindAsync(organizationId, invitationId, cancellationToken) is not { } invitation)
                {
                    return OrganizationRefusals.InvitationNotFound;
                }

                invitation.Revoke(time.GetUtcNow());
                audit.Add(AuditActions.InvitationRevoked, null, organizationId: organizationId, target: invitationId.ToString(), actorId: actorId);
                return invitation;
            },
            cancellationToken);

    private async Task<Refusal?> RefusalAsync(Guid organizationId, string normalized, CancellationToken cancellationToken)
    {
        var members = db.Memberships.Where(membership => membership.OrganizationId == organizationId && membership.Role != null);
        if (await members.AnyAsync(membership => db.Users.Any(user => user.Id == membership.UserId && user.NormalizedEmail == normalized), cancellationToken))
        {
            return OrganizationRefusals.AlreadyMember;
        }

        var now = time.GetUtcNow();
        var open = await db.Invitations
            .Where(invitation => invitation.OrganizationId == organizationId && invitation.AcceptedAt == null && invitation.RevokedAt == null)
            .ToListAsync(cancellationToken);
        if (open.SingleOrDefault(invitation => invitation.NormalizedEmail == normalized) is { } earlier)
        {
            if (earlier.IsOpen(now))
            {
                return OrganizationRefusals.AlreadyInvited;
            }

            // One that ran out gives its place to the new one, which the database lets in only then.
            earlier.Revoke(now);
            await db.SaveChangesAsync(cancellationToken);
        }

        if (open.Count(invitation => invitation.IsOpen(now)) >= options.Value.MaximumOpenInvitations)
        {
            return Refusal.Conflict("too-many-invitations", options.Value.MaximumOpenInvitations);
        }

        return await members.CountAsync(cancellationToken) >= options.Value.MaximumMembers
            ? Refusal.Conflict("too-many-members", options.Value.MaximumMembers)
            : await TooManySentAsync(organizationId, cancellationToken);
    }

    // The audit log knows each message that was sent, repeated ones too; the lock on the organization keeps the count true.
    private async Task<Refusal?> TooManySentAsync(Guid organizationId, CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - Window;
        var sent = await db.AuditEntries.CountAsync(
            entry => entry.OrganizationId == organizationId && entry.Action == AuditActions.MemberInvited && entry.At > since, cancellationToken);
        return sent >= options.Value.MaximumInvitationsPerHour
            ? new Refusal(
                StatusCodes.Status429TooManyRequests, "too-many-sent", Values: [options.Value.MaximumInvitationsPerHour], RetryAfter: Window)
            : null;
    }

    private async Task SendAsync(
        Organization organization, Invitation invitation, Guid actorId, string secret, bool repeated, CancellationToken cancellationToken)
    {
        var inviter = await db.Users.AsNoTracking().SingleAsync(user => user.Id == actorId, cancellationToken);
        var invited = await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.NormalizedEmail == invitation.NormalizedEmail, cancellationToken);
        events.Notify(
            NotificationTemplates.OrganizationInvitation,
            invitation.Email,
            invited?.Language ?? inviter.Language,
            invited?.Id,
            new Dictionary<string, string>
            {
                ["organization"] = organization.Name,
                ["inviter"] = inviter.DisplayName ?? inviter.Email ?? organization.Name,
                ["role"] = invitation.Role,
                ["link"] = origin.Value.Address($"{AcceptPath}?token={secret}").AbsoluteUri,
                ["days"] = Math.Ceiling(options.Value.InvitationLifetime.TotalDays).ToString(CultureInfo.InvariantCulture),
            },
            invitation.ExpiresAt);
        audit.Add(
            AuditActions.MemberInvited, null, organizationId: organization.Id, target: invitation.Id.ToString(), actorId: actorId,
            details: new Dictionary<string, string?> { ["role"] = invitation.Role, ["repeated"] = repeated ? "true" : "false" });
    }

    private Task<Invitation?> FindAsync(Guid organizationId, Guid invitationId, CancellationToken cancellationToken) => db.Invitations.SingleOrDefaultAsync(
        invitation => invitation.Id == invitationId && invitation.OrganizationId == organizationId
            && invitation.AcceptedAt == null && invitation.RevokedAt == null,
        cancellationToken);
}
