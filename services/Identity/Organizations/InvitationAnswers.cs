using BotGeneric.Identity.Access;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Organizations;

/// <summary>An invitation, as whoever holds its link sees it.</summary>
/// <param name="Organization">The organization.</param>
/// <param name="OrganizationName">What it is called.</param>
/// <param name="Role">The role that comes with it.</param>
/// <param name="MaskedEmail">The address it was sent to, mostly hidden: the link may have been passed on.</param>
/// <param name="IsOpen">Whether it can still be answered.</param>
public sealed record ReceivedInvitation(Guid Organization, string OrganizationName, string Role, string MaskedEmail, bool IsOpen);

/// <summary>What is answered to invitations.</summary>
public sealed class InvitationAnswers(
    IdentityDbContext db, OrganizationGate gate, IdentityEvents events, AuditTrail audit, IOptions<OrganizationOptions> options, TimeProvider time)
{
    /// <summary>Looks at an invitation; changes nothing.</summary>
    /// <param name="secret">The secret in its link.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Outcome<ReceivedInvitation>> FindAsync(string? secret, CancellationToken cancellationToken)
    {
        if (await BySecretAsync(secret, cancellationToken) is not { } invitation)
        {
            return OrganizationRefusals.InvitationNotFound;
        }

        var organization = await db.Organizations.AsNoTracking().SingleAsync(candidate => candidate.Id == invitation.OrganizationId, cancellationToken);
        return new ReceivedInvitation(
            organization.Id, organization.Name, invitation.Role, EmailAddress.Mask(invitation.Email),
            organization.ClosedAt is null && invitation.IsOpen(time.GetUtcNow()));
    }

    /// <summary>Whether a person's verified address is the invited one.</summary>
    /// <param name="secret">The secret in the link.</param>
    /// <param name="userId">The person.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<bool> IsForAsync(string? secret, Guid userId, CancellationToken cancellationToken) =>
        await BySecretAsync(secret, cancellationToken) is { } invitation
        && await db.Users.AnyAsync(user => user.Id == userId && user.NormalizedEmail == invitation.NormalizedEmail, cancellationToken);

    /// <summary>Accepts an invitation. Accepting it again, as the member that one became by it, changes nothing. Saves.</summary>
    /// <param name="secret">The secret in its link.</param>
    /// <param name="userId">Who accepts: somebody whose verified address is the invited one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Outcome<Membership>> AcceptAsync(string? secret, Guid userId, CancellationToken cancellationToken) => AnswerAsync<Membership>(
        secret, userId,
        async (invitation, now) =>
        {
            var membership = await db.Memberships.SingleOrDefaultAsync(
                candidate => candidate.OrganizationId == invitation.OrganizationId && candidate.UserId == userId, cancellationToken);
            if (invitation.AcceptedAt is not null && membership?.Role is not null)
            {
                return membership;
            }

            if (!invitation.IsOpen(now))
            {
                return OrganizationRefusals.InvitationClosed;
            }

            invitation.Accept(now);
            if (membership?.Role is not null)
            {
                // Came in by another way meanwhile: the role that one has stays.
                return membership;
            }

            if (await db.Memberships.CountAsync(
                candidate => candidate.OrganizationId == invitation.OrganizationId && candidate.Role != null, cancellationToken) >= options.Value.MaximumMembers)
            {
                return Refusal.Conflict("too-many-members", options.Value.MaximumMembers);
            }

            if (membership is null)
            {
                membership = Membership.Join(invitation.OrganizationId, userId, invitation.Role, now);
                db.Memberships.Add(membership);
            }
            else
            {
                membership.Rejoin(invitation.Role, now);
            }

            events.Changed(membership);
            audit.Add(
                AuditActions.MemberJoined, userId, organizationId: invitation.OrganizationId, target: invitation.Id.ToString(), actorId: userId,
                details: new Dictionary<string, string?> { ["role"] = invitation.Role });
            return membership;
        },
        cancellationToken);

    /// <summary>Declines an invitation. Saves.</summary>
    /// <param name="secret">The secret in its link.</param>
    /// <param name="userId">Who declines: somebody whose verified address is the invited one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Outcome<Done>> DeclineAsync(string? secret, Guid userId, CancellationToken cancellationToken) => AnswerAsync<Done>(
        secret, userId,
        (invitation, now) =>
        {
            if (!invitation.IsOpen(now))
            {
                return Task.FromResult<Outcome<Done>>(OrganizationRefusals.InvitationClosed);
            }

            invitation.Revoke(now);
            audit.Add(
                AuditActions.InvitationRevoked, userId, organizationId: invitation.OrganizationId, target: invitation.Id.ToString(), actorId: userId,
                details: new Dictionary<string, string?> { ["declined"] = "true" });
            return Task.FromResult<Outcome<Done>>(Done.Instance);
        },
        cancellationToken);

    private async Task<Outcome<T>> AnswerAsync<T>(
        string? secret, Guid userId, Func<Invitation, DateTimeOffset, Task<Outcome<T>>> answer, CancellationToken cancellationToken)
        where T : class
    {
        if (await BySecretAsync(secret, cancellationToken) is not { } found)
        {
            return OrganizationRefusals.InvitationNotFound;
        }

        var address = await db.Users.Where(user => user.Id == userId).Select(user => user.NormalizedEmail).SingleOrDefaultAsync(cancellationToken);
        if (address != found.NormalizedEmail)
        {
            return OrganizationRefusals.InvitationForAnother;
        }

        return await gate.LockedAsync(
            found.OrganizationId,
            async _ =>
            {
                // Nobody joins in the name of an account that ends at this moment.
                await gate.LockPersonAsync(userId, cancellationToken);
                if (!await db.Users.AnyAsync(user => user.Id == userId && user.NormalizedEmail == found.NormalizedEmail, cancellationToken))
                {
                    return OrganizationRefusals.InvitationForAnother;
                }

                // Once more under the lock: it may have been sent again, taken back or accepted meanwhile.
                var hash = Secrets.Hash(secret!);
                return await db.Invitations.SingleOrDefaultAsync(invitation => invitation.SecretHash == hash, cancellationToken) is { } invitation
                    ? await answer(invitation, time.GetUtcNow())
                    : OrganizationRefusals.InvitationNotFound;
            },
            cancellationToken);
    }

    private async Task<Invitation?> BySecretAsync(string? secret, CancellationToken cancellationToken)
    {
        if (secret is not { Length: > 0 and <= 100 })
        {
            return null;
        }

        var hash = Secrets.Hash(secret);
        return await db.Invitations.AsNoTracking().SingleOrDefaultAsync(invitation => invitation.SecretHash == hash, cancellationToken);
    }
}
