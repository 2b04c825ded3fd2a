using System.Globalization;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Administration;
using BotGeneric.Identity.ApiKeys.Pages;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Sessions;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.ApiKeys;

/// <summary>
/// The pages on which people look after keys. Making one demands a credential that was shown a moment ago; ending one does not, so that nothing stands
/// between a leak and its end.
/// </summary>
public static class KeyPages
{
    internal const string Home = "/account/keys";
    private const int Listed = 200;

    /// <summary>Maps <c>/account/keys</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapKeyPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapPageGroup().RequireAuthorization(SessionCookie.SignedInPolicy);
        pages.MapGet(Home, ShowListAsync);
        pages.MapGet($"{Home}/new", ShowNewAsync);
        pages.MapPost($"{Home}/new", CreateAsync);
        pages.MapGet($"{Home}/{{id:guid}}", ShowEditAsync);
        pages.MapPost($"{Home}/{{id:guid}}", ChangeAsync);
        pages.MapGet($"{Home}/{{id:guid}}/rotate", ShowRotateAsync);
        pages.MapPost($"{Home}/{{id:guid}}/rotate", RotateAsync);
        pages.MapPost($"{Home}/{{id:guid}}/revoke", RevokeAsync);
    }

    private static async Task<RazorComponentResult> ShowListAsync(
        HttpContext context, KeyRules rules, TimeProvider time, Guid? organization = null, string? done = null) =>
        await ListPageAsync(context, rules, time, organization, done, null);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> ShowNewAsync(
        HttpContext context, KeyRules rules, TimeProvider time, IOptions<UserSessionOptions> sessions, IOptions<AdministrationOptions> administration,
        IOptions<ApiKeyOptions> options, Guid? organization = null)
    {
        var current = (await context.GetCurrentSessionAsync())!;
        if (current.ConfirmationNeeded(time, sessions.Value, $"{Home}/new{Query(organization)}") is { } confirmation)
        {
            return TypedResults.LocalRedirect(confirmation);
        }

        if (organization is { } id && await rules.RefusalToSeeAsync(id, current.User.Id, context.RequestAborted) is { } refusal)
        {
            return await ListPageAsync(context, rules, time, null, null, refusal);
        }

        return NewPage(current, administration.Value, options.Value, KeyForm.Empty(organization), null);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> CreateAsync(
        [FromForm] IFormCollection fields, HttpContext context, ApiKeyService keys, TimeProvider time, IOptions<UserSessionOptions> sessions,
        IOptions<AdministrationOptions> administration, IOptions<ApiKeyOptions> options)
    {
        var current = (await context.GetCurrentSessionAsync())!;
        var form = KeyForm.Read(fields);
        if (current.ConfirmationNeeded(time, sessions.Value, $"{Home}/new{Query(form.OrganizationId)}") is { } confirmation)
        {
            return TypedResults.LocalRedirect(confirmation);
        }

        var made = await keys.CreateAsync(
            KeyMaker.Of(current, administration.Value.RequireSecondFactor),
            new KeyRequest(form.OrganizationId, form.Name, form.Scopes, form.ExpiresAt(time.GetUtcNow()), form.NetworkList, form.RequestsPerMinute),
            context.RequestAborted);
        return made.IsDone ? MadePage(made.Value) : NewPage(current, administration.Value, options.Value, form, made.Refusal);
    }

    private static async Task<RazorComponentResult> ShowEditAsync(Guid id, HttpContext context, KeyRules rules, TimeProvider time) =>
        await EditPageAsync(id, context, rules, time, null, null);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> ChangeAsync(
        Guid id, [FromForm] IFormCollection fields, HttpContext context, ApiKeyService keys, KeyRules rules, TimeProvider time,
        IOptions<UserSessionOptions> sessions, IOptions<AdministrationOptions> administration)
    {
        var current = (await context.GetCurrentSessionAsync())!;
        if (current.ConfirmationNeeded(time, sessions.Value, $"{Home}/{id}") is { } confirmation)
        {
            return TypedResults.LocalRedirect(confirmation);
        }

        var form = KeyForm.Read(fields);
        var changed = await keys.RestrictAsync(
            KeyMaker.Of(current, administration.Value.RequireSecondFactor), id,
            _ => new KeyRestrictions(form.Name, form.NetworkList, form.RequestsPerMinute), context.RequestAborted);
        return changed.IsDone
            ? TypedResults.LocalRedirect($"{Home}{Query(changed.Value.OrganizationId, "changed")}")
            : await EditPageAsync(id, context, rules, time, form, changed.Refusal);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> ShowRotateAsync(
        Guid id, HttpContext context, KeyRules rules, TimeProvider time, IOptions<UserSessionOptions> sessions, IOptions<ApiKeyOptions> options)
    {
        var current = (await context.GetCurrentSessionAsync())!;
        return current.ConfirmationNeeded(time, sessions.Value, $"{Home}/{id}/rotate") is { } confirmation
            ? TypedResults.LocalRedirect(confirmation)
            : await RotatePageAsync(id, context, rules, time, options.Value, null);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> RotateAsync(
        Guid id, [FromForm] string? overlapHours, HttpContext context, ApiKeyService keys, KeyRules rules, TimeProvider time,
        IOptions<UserSessionOptions> sessions, IOptions<AdministrationOptions> administration, IOptions<ApiKeyOptions> options)
    {
        var current = (await context.GetCurrentSessionAsync())!;
        if (current.ConfirmationNeeded(time, sessions.Value, $"{Home}/{id}/rotate") is { } confirmation)
        {
            return TypedResults.LocalRedirect(confirmation);
        }

        // What is no number is refused as one out of range is.
        var hours = int.TryParse(overlapHours, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Min(number, 1000) : -1;
        var made = await keys.RotateAsync(
            KeyMaker.Of(current, administration.Value.RequireSecondFactor), id, TimeSpan.FromHours(hours), context.RequestAborted);
        return made.IsDone ? MadePage(made.Value) : await RotatePageAsync(id, context, rules, time, options.Value, made.Refusal);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> RevokeAsync(
        Guid id, HttpContext context, ApiKeyService keys, KeyRules rules, TimeProvider time)
    {
        var revoked = await keys.RevokeAsync(context.User.PersonId()!.Value, id, context.RequestAborted);
        return revoked.IsDone
            ? TypedResults.LocalRedirect($"{Home}{Query(revoked.Value.OrganizationId, "revoked")}")
            : await ListPageAsync(context, rules, time, null, null, revoked.Refusal);
    }

    private static async Task<RazorComponentResult> ListPageAsync(
        HttpContext context, KeyRules rules, TimeProvider time, Guid? organization, string? done, Refusal? refusal)
    {
        var userId = context.User.PersonId()!.Value;
        if (organization is { } id && await rules.RefusalToSeeAsync(id, userId, context.RequestAborted) is { } unseen)
        {
            (organization, refusal) = (null, unseen);
        }

        var keys = await rules.SeenBy(userId).AsNoTracking().Where(key => key.OrganizationId == organization)
            .OrderByDescending(key => key.Id).Take(Listed).ToListAsync(context.RequestAborted);
        var now = time.GetUtcNow();
        return PageEndpoints.Page<KeysPage, KeysModel>(
            new KeysModel([.. keys.Select(key => KeyDetail.From(key, now))], organization, userId, done, refusal), refusal?.Status ?? StatusCodes.Status200OK);
    }

    private static RazorComponentResult NewPage(
        CurrentSession current, AdministrationOptions administration, ApiKeyOptions options, KeyForm form, Refusal? refusal)
    {
        var maker = KeyMaker.Of(current, administration.RequireSecondFactor);
        IReadOnlyList<string> offered = form.OrganizationId is null
            ? [.. KeyScopes.ForPeople, .. maker.IsAdmin ? [Contracts.Identity.ApiScopes.Admin] : Array.Empty<string>()]
            : KeyScopes.ForOrganizations;
        return PageEndpoints.Page<NewKeyPage, NewKeyModel>(
            new NewKeyModel(form, offered, options.AllowWithoutExpiry, (int)options.MaximumLifetime.TotalDays, refusal), refusal?.Status ?? StatusCodes.Status200OK);
    }

    private static async Task<RazorComponentResult> EditPageAsync(
        Guid id, HttpContext context, KeyRules rules, TimeProvider time, KeyForm? form, Refusal? refusal) =>
        await FindAsync(id, context, rules) is { } key
            ? PageEndpoints.Page<EditKeyPage, EditKeyModel>(
                new EditKeyModel(KeyDetail.From(key, time.GetUtcNow()), form ?? KeyForm.Of(key), refusal), refusal?.Status ?? StatusCodes.Status200OK)
            : await ListPageAsync(context, rules, time, null, null, KeyRefusals.NotFound);

    private static async Task<RazorComponentResult> RotatePageAsync(
        Guid id, HttpContext context, KeyRules rules, TimeProvider time, ApiKeyOptions options, Refusal? refusal) =>
        await FindAsync(id, context, rules) is { } key
            ? PageEndpoints.Page<RotateKeyPage, RotateKeyModel>(
                new RotateKeyModel(KeyDetail.From(key, time.GetUtcNow()), (int)options.RotationOverlap.TotalHours, refusal), refusal?.Status ?? StatusCodes.Status200OK)
            : await ListPageAsync(context, rules, time, null, null, KeyRefusals.NotFound);

    private static RazorComponentResult MadePage(MadeKey made) =>
        PageEndpoints.Page<MadeKeyPage, MadeKeyModel>(new MadeKeyModel(made.Secret, made.Key.Name, made.Key.OrganizationId));

    private static Task<ApiKey?> FindAsync(Guid id, HttpContext context, KeyRules rules) =>
        rules.SeenBy(context.User.PersonId()!.Value).AsNoTracking().SingleOrDefaultAsync(key => key.Id == id, context.RequestAborted);

    internal static string Query(Guid? organization, string? done = null) => (organization, done) switch
    {
        (null, null) => string.Empty,
        (null, _) => $"?done={done}",
        (_, null) => $"?organization={organization}",
        _ => $"?organization={organization}&done={done}",
    };
}
