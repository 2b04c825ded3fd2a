using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.Identity.Sessions;
using BotGeneric.WebUi.Http;
using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Identity.Pages.Sessions;

/// <summary>A sign-in in a list.</summary>
/// <param name="Id">The session.</param>
/// <param name="Device">The browser and the system, or the application.</param>
/// <param name="IpAddress">From where it was used last.</param>
/// <param name="LastSeenAt">When it was used last, in the person's time zone.</param>
/// <param name="CreatedAt">When it began, in the person's time zone.</param>
/// <param name="IsCurrent">Whether it is the one that looks.</param>
/// <param name="StaffUntil">When the access of the operator's staff ends, in the person's time zone; null: it is a sign-in of the person's.</param>
public sealed record SessionRow(
    Guid Id, string Device, string? IpAddress, string LastSeenAt, string CreatedAt, bool IsCurrent, string? StaffUntil = null);

/// <summary>The page of sign-ins.</summary>
/// <param name="Sessions">The sign-ins, the last used first.</param>
/// <param name="StaffAccess">When the operator's staff acted in the person's name, the last first, in the person's time zone.</param>
/// <param name="TimeZone">In which time zone the times are.</param>
/// <param name="Notice">What was done just now.</param>
public sealed record SessionsModel(IReadOnlyList<SessionRow> Sessions, IReadOnlyList<string> StaffAccess, string TimeZone, string? Notice);

/// <summary><c>/account/sessions</c>.</summary>
internal static class SessionPages
{
    private const string Path = "/account/sessions";

    public static void MapSessionPages(this RouteGroupBuilder pages)
    {
        var group = pages.MapSignedIn();
        group.MapGet(Path, ShowAsync);
        group.MapPost($"{Path}/{{id:guid}}/revoke", RevokeAsync);
        group.MapPost($"{Path}/revoke-others", RevokeOthersAsync);
    }

    private static async Task<RazorComponentResult> ShowAsync(
        SessionList list, HttpContext context, CancellationToken cancellationToken, string? notice = null)
    {
        var current = await context.SignedInAsync();
        var sessions = await list.ReadAsync(current.User.Id, cancellationToken);
        var names = await list.ApplicationsAsync(sessions, cancellationToken);
        return PageEndpoints.Page<SessionsPage, SessionsModel>(new SessionsModel(
            [.. sessions.Select(session => session.IsImpersonation
                ? new SessionRow(
                    session.Id, SessionsTexts.Get("staff"), null, Local(session.LastSeenAt), Local(session.CreatedAt), session.Id == current.Session.Id,
                    Local(session.ExpiresAt))
                : new SessionRow(
                    session.Id, session.ClientId is { } clientId ? names[clientId] : Device(session.UserAgent), session.IpAddress, Local(session.LastSeenAt), Local(session.CreatedAt),
                    session.Id == current.Session.Id))],
            [.. (await list.ReadStaffAccessAsync(current.User.Id, cancellationToken)).Select(Local)],
            PageTime.ZoneOf(context).Id,
            notice is "one" or "others" ? SessionsTexts.Get($"notice.{notice}") : null));

        string Local(DateTimeOffset time) => PageTime.Write(context, time);
    }

    private static async Task<RedirectHttpResult> RevokeAsync(
        Guid id, SessionService sessions, IdentityDbContext db, HttpContext context, CancellationToken cancellationToken)
    {
        var current = await context.SignedInAsync();
        await sessions.RevokeAsync(current.User.Id, id, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        if (id != current.Session.Id)
        {
            return TypedResults.LocalRedirect($"{Path}?notice=one");
        }

        await context.SignOutAsync(SessionCookie.Scheme);
        return TypedResults.LocalRedirect("/login");
    }

    private static async Task<RedirectHttpResult> RevokeOthersAsync(
        SessionService sessions, HttpContext context, CancellationToken cancellationToken)
    {
        var current = await context.SignedInAsync();
        await sessions.RevokeOthersAsync(current.User.Id, current.Session.Id, cancellationToken);
        return TypedResults.LocalRedirect($"{Path}?notice=others");
    }

    private static string Device(string? userAgent) => BrowserName.Of(userAgent) is var name && name is { Browser: null, System: null }
        ? SessionsTexts.Get("unknown")
        : name.ToString();
}
