using BotGeneric.Identity.Access;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Organizations;

/// <summary>Looks into organizations, as far as one's role goes. The membership is part of every query.</summary>
public sealed class OrganizationDirectory(IdentityDbContext db, TimeProvider time)
{
    /// <summary>A page of the organizations of a person, oldest first.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="sessionId">The session whose active organization is marked, if any.</param>
    /// <param name="after">The last of the page before.</param>
    /// <param name="size">How many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Page<OrganizationDetail>> PageAsync(Guid userId, Guid? sessionId, Guid? after, int size, CancellationToken cancellationToken)
    {
        var organizations = db.Organizations.AsNoTracking();
        if (after is { } last)
        {
            organizations = organizations.Where(organization => organization.Id > last);
        }

        var rows = await Seen(organizations, userId, sessionId).Take(size + 1).ToListAsync(cancellationToken);
        return Page<OrganizationDetail>.From([.. rows.Select(Visible)], size, organization => new IdPosition(organization.Id));
    }

    /// <summary>One of the organizations of a person.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="userId">The person.</param>
    /// <param name="sessionId">The session whose active organization is marked, if any.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Outcome<OrganizationDetail>> FindAsync(Guid organizationId, Guid userId, Guid? sessionId, CancellationToken cancellationToken) =>
        await Seen(db.Organizations.AsNoTracking().Where(organization => organization.Id == organizationId), userId, sessionId).SingleOrDefaultAsync(cancellationToken) is { } found
            ? Visible(found)
            : OrganizationRefusals.NotFound;

    /// <summary>A page of the members, longest first.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="userId">Who asks.</param>
    /// <param name="after">The last of the page before.</param>
    /// <param name="size">How many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Outcome<Page<MemberDetail>>> MembersAsync(
        Guid organizationId, Guid userId, MemberPosition? after, int size, CancellationToken cancellationToken)
    {
        var role = await RoleAsync(organizationId, userId, cancellationToken);
        if (!OrganizationPermissions.Allows(role, OrganizationAct.SeeMembers))
        {
            return role is null ? OrganizationRefusals.NotFound : OrganizationRefusals.RoleTooLow;
        }

        var seesAddresses = OrganizationPermissions.Allows(role, OrganizationAct.ManageMembers);
        var query = db.Memberships.AsNoTracking().Where(membership => membership.OrganizationId == organizationId && membership.Role != null);
        if (after is not null)
        {
            query = query.Where(membership => EF.Functions.GreaterThan(
                ValueTuple.Create(membership.JoinedAt, membership.UserId), ValueTuple.Create(after.JoinedAt, after.UserId)));
        }

        var rows = await query
            .OrderBy(membership => membership.JoinedAt).ThenBy(membership => membership.UserId)
            .Take(size + 1)
            .Join(db.Users, membership => membership.UserId, user => user.Id, (membership, user) => new { membership, user })
            .OrderBy(row => row.membership.JoinedAt).ThenBy(row => row.membership.UserId)
            .Select(row => new MemberDetail(
                row.user.Id, row.user.DisplayName, seesAddresses || row.user.Id == userId ? row.user.Email : null, row.membership.Role!, row.membership.JoinedAt))
            .ToListAsync(cancellationToken);
        return Page<MemberDetail>.From(rows, size, member => new MemberPosition(member.JoinedAt, member.UserId));
    }

    /// <summary>A page of the invitations without an answer, newest first.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="userId">Who asks.</param>
    /// <param name="after">The last of the page before.</param>
    /// <param name="size">How many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Outcome<Page<InvitationDetail>>> InvitationsAsync(
        Guid organizationId, Guid userId, Guid? after, int size, CancellationToken cancellationToken)
    {
        var role = await RoleAsync(organizationId, userId, cancellationToken);
        if (!OrganizationPermissions.Allows(role, OrganizationAct.Invite))
        {
            return role is null ? OrganizationRefusals.NotFound : OrganizationRefusals.RoleTooLow;
        }

        var now = time.GetUtcNow();
        var query = db.Invitations.AsNoTracking().Where(
            invitation => invitation.OrganizationId == organizationId && invitation.AcceptedAt == null && invitation.RevokedAt == null);
        if (after is { } last)
        {
            query = query.Where(invitation => invitation.Id < last);
        }

        var rows = await query.OrderByDescending(invitation => invitation.Id).Take(size + 1).ToListAsync(cancellationToken);
        return Page<InvitationDetail>.From(
            [.. rows.Select(invitation => InvitationDetail.From(invitation, now))], size, invitation => new IdPosition(invitation.Id));
    }

    private Task<string?> RoleAsync(Guid organizationId, Guid userId, CancellationToken cancellationToken) => db.Memberships
        .Where(membership => membership.OrganizationId == organizationId && membership.UserId == userId
            && db.Organizations.Any(organization => organization.Id == organizationId && organization.ClosedAt == null))
        .Select(membership => membership.Role)
        .SingleOrDefaultAsync(cancellationToken);

    private IQueryable<OrganizationDetail> Seen(IQueryable<Organization> organizations, Guid userId, Guid? sessionId) =>
        from organization in organizations
        where organization.ClosedAt == null
        join membership in db.Memberships.AsNoTracking() on organization.Id equals membership.OrganizationId
        where membership.UserId == userId && membership.Role != null
        orderby organization.Id
        select new OrganizationDetail(
            organization.Id,
            organization.Name,
            membership.Role!,
            db.Memberships.Count(other => other.OrganizationId == organization.Id && other.Role != null),
            organization.CreatedAt,
            db.Sessions.Any(session => session.Id == sessionId && session.UserId == userId && session.OrganizationId == organization.Id));

    private static OrganizationDetail Visible(OrganizationDetail organization) =>
        OrganizationPermissions.Allows(organization.Role, OrganizationAct.SeeMembers) ? organization : organization with { Members = null };
}

/// <summary>A place in a list that is sorted by id.</summary>
/// <param name="Id">The id.</param>
public sealed record IdPosition(Guid Id);

/// <summary>A place in a list of members.</summary>
/// <param name="JoinedAt">When the member joined.</param>
/// <param name="UserId">The member.</param>
public sealed record MemberPosition(DateTimeOffset JoinedAt, Guid UserId);
