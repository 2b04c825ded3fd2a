using System.Globalization;
using BotGeneric.Identity.Administration.Pages;
using BotGeneric.Identity.Data;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.WebUi.Http;
using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Identity.Administration;

/// <summary><c>/account/admin/audit</c>: the audit log.</summary>
internal static class AdminAuditPages
{
    private const int Listed = 50;

    /// <summary>Maps it.</summary>
    public static void MapAdminAuditPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapAdminPageGroup(_ => AdminPages.Audit);
        pages.MapGet(AdminPages.Audit, ShowAsync);
        pages.MapGet($"{AdminPages.Audit}/verify", VerifyAsync);
    }

    private static async Task<RazorComponentResult> ShowAsync(
        HttpContext context, IdentityDbContext db, CancellationToken cancellationToken, string? action = null, string? actor = null, string? user = null, string? organization = null,
        string? from = null, string? to = null, string? cursor = null)
    {
        var fields = new AdminAuditFields(action?.Trim(), actor?.Trim(), user?.Trim(), organization?.Trim(), from?.Trim(), to?.Trim());
        if (Read(fields, PageTime.ZoneOf(context)) is not { } filter)
        {
            return Page(new AdminAuditModel(fields, [], AuditNames.None, true, null, IsInvalid: true), StatusCodes.Status400BadRequest);
        }

        var after = PageRequest<AuditPosition>.Read(cursor, Listed).After?.Sequence;
        var page = await filter.PageAsync(db, after, Listed, cancellationToken);
        return Page(new AdminAuditModel(fields, page.Items, await AuditNames.ReadAsync(db, page.Items, cancellationToken), after is null, page.NextCursor));
    }

    private static async Task<RazorComponentResult> VerifyAsync(IdentityDbContext db, AuditVerifier verifier, CancellationToken cancellationToken)
    {
        var verification = await verifier.VerifyAsync(cancellationToken);
        var page = await new AuditFilter().PageAsync(db, null, Listed, cancellationToken);
        var names = await AuditNames.ReadAsync(db, page.Items, cancellationToken);
        return Page(new AdminAuditModel(AdminAuditFields.Empty, page.Items, names, true, page.NextCursor, Verification: verification));
    }

    // Null: a field holds what it cannot hold.
    private static AuditFilter? Read(AdminAuditFields fields, TimeZoneInfo zone) =>
        IsId(fields.Actor, out var actor) && IsId(fields.User, out var user) && IsId(fields.Organization, out var organization)
            && IsDay(fields.From, out var from) && IsDay(fields.To, out var to)
                ? new AuditFilter(
                    string.IsNullOrEmpty(fields.Action) ? null : fields.Action, actor, user, organization, Begin(from, zone),
                    // The last day is meant whole.
                    Begin(to?.AddDays(1), zone))
                : null;

    private static bool IsId(string? text, out Guid? id)
    {
        id = Guid.TryParse(text, out var read) ? read : null;
        return id is not null || string.IsNullOrEmpty(text);
    }

    private static bool IsDay(string? text, out DateOnly? day)
    {
        // Room at both ends, for the day after and for any time zone.
        day = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var read)
            && read.Year is > 1 and < 9999
                ? read
                : null;
        return day is not null || string.IsNullOrEmpty(text);
    }

    private static DateTimeOffset? Begin(DateOnly? day, TimeZoneInfo zone)
    {
        if (day is not { } date)
        {
            return null;
        }

        var midnight = date.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(midnight, zone.GetUtcOffset(midnight));
    }

    private static RazorComponentResult Page(AdminAuditModel model, int status = StatusCodes.Status200OK) =>
        PageEndpoints.Page<AdminAuditPage, AdminAuditModel>(model, status);
}
