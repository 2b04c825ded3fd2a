using BotGeneric.Identity.Access;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Administration.Pages;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Impersonation;
using BotGeneric.Identity.Organizations;
using BotGeneric.Identity.Sessions;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Administration;

/// <summary><c>/account/admin/users</c>: what the admin API does to people, as pages, and the way into acting as one of them.</summary>
internal static class AdminUsersPages
{
    private const int Listed = 50;
    private const int RecentEntries = 20;

    private static readonly string[] Done = ["locked", "unlocked", "granted", "withdrawn", "signed-out", "over"];

    /// <summary>Maps them.</summary>
    public static void MapAdminUsersPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapAdminPageGroup(context => $"{AdminPages.Users}/{context.Request.RouteValues["id"]}");
        pages.MapGet(AdminPages.Users, ListAsync);
        pages.MapGet($"{AdminPages.Users}/{{id:guid}}", ShowAsync);
        pages.MapPost($"{AdminPages.Users}/{{id:guid}}/lock", LockAsync);
        pages.MapPost($"{AdminPages.Users}/{{id:guid}}/unlock", UnlockAsync);
        pages.MapPost($"{AdminPages.Users}/{{id:guid}}/admin", GrantAsync);
        pages.MapPost($"{AdminPages.Users}/{{id:guid}}/admin/withdraw", WithdrawAsync);
        pages.MapPost($"{AdminPages.Users}/{{id:guid}}/sessions/revoke", RevokeSessionsAsync);
        pages.MapPost($"{AdminPages.Users}/{{id:guid}}/impersonate", ImpersonateAsync);
    }

    private static async Task<RazorComponentResult> ListAsync(
        UserDirectory directory, CancellationToken cancellationToken, string? search = null, string? state = null, string? role = null, string? cursor = null)
    {
        // An address that somebody edited leads to the first page of everybody rather than to an error.
        var (known, admins) = (UserDirectory.IsState(state) ? state : null, role == User.AdminRole ? role : null);
        var after = PageRequest<IdPosition>.Read(cursor, Listed).After?.Id;
        var page = await directory.SearchAsync(search, string.IsNullOrEmpty(known) ? null : known, admins, after, Listed, cancellationToken);
        return PageEndpoints.Page<AdminUsersPage, AdminUsersModel>(
            new AdminUsersModel(page.Items, search, known, admins, IsFirst: after is null, page.NextCursor));
    }

    private static async Task<Results<RazorComponentResult, NotFound>> ShowAsync(
        Guid id, HttpContext context, UserDirectory directory, CancellationToken cancellationToken, string? done = null) =>
        await PageAsync(id, context, directory, cancellationToken, done);

    private static async Task<Results<RazorComponentResult, RedirectHttpResult, NotFound>> LockAsync(
        Guid id, [FromForm] string? reason, HttpContext context, UserAdministration administration, UserDirectory directory, CancellationToken cancellationToken) =>
        await AnswerAsync(
            id, await administration.LockAsync(context.User.PersonId(), id, reason, cancellationToken), "locked", "lock", reason, context, directory,
            cancellationToken);

    private static async Task<Results<RazorComponentResult, RedirectHttpResult, NotFound>> UnlockAsync(
        Guid id, HttpContext context, UserAdministration administration, UserDirectory directory,
        CancellationToken cancellationToken) =>
        await AnswerAsync(
            id, await administration.UnlockAsync(context.User.PersonId(), id, cancellationToken), "unlocked", null, null, context, directory,
            cancellationToken);

    private static async Task<Results<RazorComponentResult, RedirectHttpResult, NotFound>> GrantAsync(
        Guid id, HttpContext context, UserAdministration administration, UserDirectory directory,
        CancellationToken cancellationToken) =>
        await AnswerAsync(
            id, await administration.SetRolesAsync(context.User.PersonId(), id, [User.AdminRole], cancellationToken), "granted", null, null, context,
            directory, cancellationToken);

    private static async Task<Results<RazorComponentResult, RedirectHttpResult, NotFound>> WithdrawAsync(
        Guid id, HttpContext context, UserAdministration administration, UserDirectory directory,
        CancellationToken cancellationToken) =>
        await AnswerAsync(
            id, await administration.SetRolesAsync(context.User.PersonId(), id, [], cancellationToken), "withdrawn", null, null, context, directory,
            cancellationToken);

    private static async Task<Results<RazorComponentResult, RedirectHttpResult, NotFound>> RevokeSessionsAsync(
        Guid id, HttpContext context, UserAdministration administration, UserDirectory directory,
        CancellationToken cancellationToken) =>
        await AnswerAsync(
            id, await administration.RevokeSessionsAsync(id, cancellationToken), "signed-out", null, null, context, directory, cancellationToken);

    private static async Task<Results<RazorComponentResult, RedirectHttpResult, NotFound>> ImpersonateAsync(
        Guid id, [FromForm] string? reason, HttpContext context, Impersonations impersonations, UserDirectory directory, CancellationToken cancellationToken)
    {
        var started = await impersonations.StartAsync(context, (await context.GetCurrentSessionAsync())!, id, reason, cancellationToken);
        return started.IsDone
            ? TypedResults.LocalRedirect(ImpersonationPages.ThroughGateway("/account"))
            : await RefusalAsync(id, started.Refusal, "impersonate", reason, context, directory, cancellationToken);
    }

    private static async Task<Results<RazorComponentResult, RedirectHttpResult, NotFound>> AnswerAsync(
        Guid id, Outcome<User> outcome, string done, string? form, string? reason, HttpContext context, UserDirectory directory,
        CancellationToken cancellationToken) => outcome.IsDone
            ? TypedResults.LocalRedirect($"{AdminPages.Users}/{id}?done={done}")
            : await RefusalAsync(id, outcome.Refusal, form, reason, context, directory, cancellationToken);

    private static async Task<Results<RazorComponentResult, RedirectHttpResult, NotFound>> RefusalAsync(
        Guid id, Refusal refusal, string? form, string? reason, HttpContext context, UserDirectory directory, CancellationToken cancellationToken) =>
        (await PageAsync(id, context, directory, cancellationToken, refusal: refusal, form: form, reason: reason)).Result is RazorComponentResult page
            ? page
            : TypedResults.NotFound();

    private static async Task<Results<RazorComponentResult, NotFound>> PageAsync(
        Guid id, HttpContext context, UserDirectory directory, CancellationToken cancellationToken, string? done = null, Refusal? refusal = null,
        string? form = null, string? reason = null)
    {
        if (await directory.FindAsync(id, cancellationToken) is not { } detail)
        {
            return TypedResults.NotFound();
        }

        var services = context.RequestServices;
        var impersonations = services.GetRequiredService<Impersonations>();
        var current = (await context.GetCurrentSessionAsync())!;
        var db = services.GetRequiredService<IdentityDbContext>();
        var activity = await new AuditFilter(Involved: id).PageAsync(db, null, RecentEntries, cancellationToken);
        var names = await AuditNames.ReadAsync(db, activity.Items, cancellationToken);
        var person = await db.Users.AsNoTracking().SingleAsync(user => user.Id == id, cancellationToken);
        return PageEndpoints.Page<AdminUserPage, AdminUserModel>(
            new AdminUserModel(
                detail, activity.Items, names, current.User.Id == id, impersonations.IsFreshEnough(current) ? null : impersonations.Confirmation($"{AdminPages.Users}/{id}"),
                Impersonations.RefusalOf(current.User.Id, person), Done.Contains(done, StringComparer.Ordinal) ? done : null, refusal, form, reason),
            refusal?.Status ?? StatusCodes.Status200OK);
    }
}
