using System.Net.Mime;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Accounts.Privacy;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Pages.Profile;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Accounts.Profile;

/// <summary>People, as themselves.</summary>
public static class UsersApi
{
    /// <summary>Maps <c>/api/users</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapUsersApi(this IEndpointRouteBuilder app)
    {
        var users = app.MapGroup("/api/users").WithTags("Users");
        users.MapGet("/me", GetMeAsync).RequireScope(ApiScopes.UsersRead);
        users.MapGet("/me/export", ExportAsync).RequireScope(ApiScopes.UsersRead).RequireAuthorization(ApiPolicies.NotImpersonated)
            .RequireFreshSessionOrKey();
        users.MapGet("/profile", GetProfileAsync).RequireScope(ApiScopes.UsersRead);
        users.MapPut("/profile", PutProfileAsync).RequireScope(ApiScopes.UsersWrite);
    }

    /// <summary>Who the caller is: the account, the organizations, the second factor.</summary>
    internal static async Task<Results<Ok<Me>, ProblemHttpResult>> GetMeAsync(ClaimsPrincipal caller, IdentityDbContext db, CancellationToken cancellationToken)
    {
        if (await FindAsync(caller, db, cancellationToken) is not { } user)
        {
            return NoAccount();
        }

        var organizations = await db.Memberships
            .Where(membership => membership.UserId == user.Id && membership.Role != null)
            .Join(db.Organizations.Where(organization => organization.ClosedAt == null),
                membership => membership.OrganizationId, organization => organization.Id,
                (membership, organization) => new MyOrganization(organization.Id, organization.Name, membership.Role!))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(new Me(
            user.Id, user.Email, user.DisplayName, user.AvatarUrl, user.Language, user.TimeZone, user.Roles, organizations,
            Guid.TryParse(caller.FindFirstValue(ApiClaims.Organization), out var active) ? active : null, user.TwoFactorEnabled, user.State));
    }

    /// <summary>Everything this service holds about the caller, as a file. Without secrets.</summary>
    internal static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ExportAsync(
        ClaimsPrincipal caller, IdentityDbContext db, DataExport export, AuditTrail audit, HttpContext context, CancellationToken cancellationToken)
    {
        if (await FindAsync(caller, db, cancellationToken) is not { } user)
        {
            return NoAccount();
        }

        audit.Add(AuditActions.DataExported, user.Id);
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Stream(
            output => export.WriteAsync(user, output, context.RequestAborted), MediaTypeNames.Application.Json, "bot-generic-account.json");
    }

    /// <summary>What the caller says about themselves.</summary>
    internal static async Task<Results<Ok<ProfileValues>, ProblemHttpResult>> GetProfileAsync(
        ClaimsPrincipal caller, IdentityDbContext db, CancellationToken cancellationToken) =>
        await FindAsync(caller, db, cancellationToken) is { } user ? TypedResults.Ok(ProfileOf(user)) : NoAccount();

    /// <summary>Changes what the caller says about themselves. Every field is set to what is sent.</summary>
    internal static async Task<Results<Ok<ProfileValues>, ProblemHttpResult>> PutProfileAsync(
        ProfileValues profile, ClaimsPrincipal caller, IdentityDbContext db, ProfileService profiles, CancellationToken cancellationToken)
    {
        if (await FindAsync(caller, db, cancellationToken) is not { } user)
        {
            return NoAccount();
        }

        var faults = ProfileRules.Check(profile);
        if (faults.Count > 0)
        {
            return ApiProblems.Invalid(faults.ToDictionary(ProfilePages.FieldOf, fault => new[] { ProfileTexts.Get($"error.{ProfilePages.FieldOf(fault)}") }));
        }

        await profiles.ChangeAsync(user, profile, cancellationToken);
        return TypedResults.Ok(ProfileOf(user));
    }

    private static async Task<User?> FindAsync(ClaimsPrincipal caller, IdentityDbContext db, CancellationToken cancellationToken) =>
        caller.PersonId() is { } id
            ? await db.Users.SingleOrDefaultAsync(user => user.Id == id && user.DeletedAt == null, cancellationToken)
            : null;

    private static ProblemHttpResult NoAccount() => ApiProblems.NotFound(AccessTexts.Get("account-missing"));

    private static ProfileValues ProfileOf(User user) => new(user.DisplayName, user.AvatarUrl, user.Language, user.TimeZone);
}

/// <summary>Who is calling.</summary>
/// <param name="Id">The person.</param>
/// <param name="Email">The verified address; null without one.</param>
/// <param name="DisplayName">What to call the person; null until known.</param>
/// <param name="AvatarUrl">An https address of a picture; null without one.</param>
/// <param name="Language"><c>en</c>, <c>ru</c> or <c>uk</c>.</param>
/// <param name="TimeZone">An IANA time zone.</param>
/// <param name="Roles">Roles in the system as a whole, such as <c>admin</c>.</param>
/// <param name="Organizations">The organizations the person is part of.</param>
/// <param name="ActiveOrganizationId">The organization in whose name the credential acts; null: in one's own.</param>
/// <param name="HasSecondFactor">Whether signing in asks for a second factor.</param>
/// <param name="State"><c>active</c>, <c>locked</c> or <c>deleting</c>.</param>
public sealed record Me(
    Guid Id, string? Email, string? DisplayName, string? AvatarUrl, string Language, string TimeZone, IReadOnlyList<string> Roles,
    IReadOnlyList<MyOrganization> Organizations, Guid? ActiveOrganizationId, bool HasSecondFactor, string State);

/// <summary>An organization of the caller.</summary>
/// <param name="Id">The organization.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Role"><c>owner</c>, <c>admin</c>, <c>member</c> or <c>billing</c>.</param>
public sealed record MyOrganization(Guid Id, string Name, string Role);
