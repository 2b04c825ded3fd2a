using BotGeneric.Identity.Accounts.Privacy;
using BotGeneric.Identity.Administration.Pages;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Identity.Administration;

/// <summary><c>/account/admin/erasures</c>: deletions of people, and which service has not answered.</summary>
internal static class AdminErasuresPages
{
    private const int Listed = 50;

    /// <summary>Maps it.</summary>
    public static void MapAdminErasuresPages(this IEndpointRouteBuilder app) =>
        app.MapAdminPageGroup(_ => AdminPages.Erasures).MapGet(AdminPages.Erasures, ListAsync);

    private static async Task<RazorComponentResult> ListAsync(ErasureList list, CancellationToken cancellationToken, string? cursor = null)
    {
        // An address that somebody edited leads to the first page rather than to an error.
        var after = PageRequest<ErasurePosition>.Read(cursor, Listed).After;
        var page = await list.PageAsync(after, Listed, cancellationToken);
        return PageEndpoints.Page<AdminErasuresPage, AdminErasuresModel>(new AdminErasuresModel(page.Items, IsFirst: after is null, page.NextCursor));
    }
}
