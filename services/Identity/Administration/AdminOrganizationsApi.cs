using System.ComponentModel;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.ApiKeys;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Organizations;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Administration;

/// <summary>Organizations, as those who run the system see them.</summary>
public static class AdminOrganizationsApi
{
    private const int MaximumListed = 200;

    /// <summary>Maps <c>/api/admin/organizations</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminOrganizationsApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/admin/organizations").WithTags("Organizations").RequireAuthorization(ApiPolicies.Admin);
        group.MapGet("/", ListAsync).WithSummary("Search organizations");
        group.MapGet("/{id:guid}", FindAsync).WithSummary("See any organization");
    }

    /// <summary>Organizations, newest first, closed ones too.</summary>
    internal static async Task<Results<Ok<Page<OrganizationSummary>>, ProblemHttpResult>> ListAsync(
        IdentityDbContext db,
        CancellationToken cancellationToken,
        [Description("A part of the name, or an id.")] string? search = null,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<IdPosition>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        var query = db.Organizations.AsNoTracking();
        var text = search?.Trim();
        if (Guid.TryParse(text, out var id))
        {
            query = query.Where(organization => organization.Id == id);
        }
        else if (!string.IsNullOrEmpty(text))
        {
            // As it stands, not as a pattern.
            query = query.Where(organization => organization.Name.ToLower().Contains(text.ToLower()));
        }

        if (request.After is { } after)
        {
            query = query.Where(organization => organization.Id < after.Id);
        }

        var rows = await query.OrderByDescending(organization => organization.Id).Take(request.Size + 1)
            .Select(organization => new OrganizationSummary(
                organization.Id, organization.Name, organization.CreatedAt, organization.ClosedAt,
                db.Memberships.Count(membership => membership.OrganizationId == organization.Id && membership.Role != null)))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<OrganizationSummary>.From(rows, request.Size, organization => new IdPosition(organization.Id)));
    }

    /// <summary>An organization with members, invitations without an answer and keys (without secrets). Lists hold 200.</summary>
    internal static async Task<Results<Ok<AdminOrganizationDetail>, ProblemHttpResult>> FindAsync(
        [Description("The organization.")] Guid id, HttpContext context, IdentityDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.Organizations.AsNoTracking().SingleOrDefaultAsync(candidate => candidate.Id == id, cancellationToken) is not { } organization)
        {
            return Refusal.NotFound("organization-not-found").Problem(AdministrationTexts.Get, context);
        }

        var now = time.GetUtcNow();
        var members = await db.Memberships.AsNoTracking().Where(membership => membership.OrganizationId == id && membership.Role != null)
            .Join(db.Users, membership => membership.UserId, user => user.Id, (membership, user) => new { membership, user })
            .OrderBy(row => row.membership.JoinedAt).Take(MaximumListed)
            .Select(row => new MemberDetail(row.user.Id, row.user.DisplayName, row.user.Email, row.membership.Role!, row.membership.JoinedAt))
            .ToListAsync(cancellationToken);
        var invitations = await db.Invitations.AsNoTracking()
            .Where(invitation => invitation.OrganizationId == id && invitation.AcceptedAt == null && invitation.RevokedAt == null)
            .OrderByDescending(invitation => invitation.Id).Take(MaximumListed).ToListAsync(cancellationToken);
        var keys = await db.ApiKeys.AsNoTracking().Where(key => key.OrganizationId == id)
            .OrderByDescending(key => key.Id).Take(MaximumListed).ToListAsync(cancellationToken);
        var count = await db.Memberships.CountAsync(membership => membership.OrganizationId == id && membership.Role != null, cancellationToken);
        return TypedResults.Ok(new AdminOrganizationDetail(
            new OrganizationSummary(organization.Id, organization.Name, organization.CreatedAt, organization.ClosedAt, count),
            members, [.. invitations.Select(invitation => InvitationDetail.From(invitation, now))], [.. keys.Select(key => KeyDetail.From(key, now))]));
    }
}

/// <summary>An organization in a list.</summary>
/// <param name="Id">The organization.</param>
/// <param name="Name">What it is called.</param>
/// <param name="CreatedAt">When it was created, UTC.</param>
/// <param name="ClosedAt">When it was closed, UTC.</param>
/// <param name="Members">How many people are part of it.</param>
public sealed record OrganizationSummary(Guid Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? ClosedAt, int Members);

/// <summary>An organization with everything that belongs to it.</summary>
/// <param name="Organization">The organization.</param>
/// <param name="Members">Its members, longest first.</param>
/// <param name="Invitations">Invitations without an answer.</param>
/// <param name="Keys">Keys that act in its name, without their secrets.</param>
public sealed record AdminOrganizationDetail(
    OrganizationSummary Organization, IReadOnlyList<MemberDetail> Members, IReadOnlyList<InvitationDetail> Invitations, IReadOnlyList<KeyDetail> Keys);
