using System.Buffers.Text;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Accounts.Passkeys;
using BotGeneric.Identity.Accounts.Profile;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.Identity.Pages.SignIn;
using BotGeneric.Identity.Sessions;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.WebUi.Forms;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Pages.Security;

/// <summary><c>/account/passkeys</c>: adding, naming and removing passkeys.</summary>
internal static class PasskeyPages
{
    private const string Path = "/account/passkeys";

    public static void MapPasskeyPages(this RouteGroupBuilder pages)
    {
        var group = pages.MapSignedIn();
        var script = group.MapGroup(Path);
        script.MapPost("/options", BeginAsync);
        script.MapPost(string.Empty, AddAsync);
        group.MapPost($"{Path}/{{id}}/rename", RenameAsync).RequireFresh(SecurityPages.Path);
        group.MapPost($"{Path}/{{id}}/remove", RemoveAsync).RequireFresh(SecurityPages.Path);
    }

    private static async Task<Results<Ok<PasskeyOptions>, ProblemHttpResult>> BeginAsync(
        PasskeyService passkeys, TimeProvider time, IOptions<UserSessionOptions> options, HttpContext context)
    {
        var current = await context.SignedInAsync();
        if (current.ConfirmationNeeded(time, options.Value, SecurityPages.Path) is { } first)
        {
            return TypedResults.Ok(new PasskeyOptions(null, first));
        }

        return await passkeys.BeginAddingAsync(context, current) is { } json
            ? TypedResults.Ok(PasskeyOptions.Of(json))
            : ApiProblems.Conflict(AccessTexts.Get("passkeys-full", PasskeyService.MaximumCount));
    }

    private static async Task<Results<Ok<PasskeyResult>, ProblemHttpResult>> AddAsync(
        PasskeyCredential body, PasskeyService passkeys, TimeProvider time, IOptions<UserSessionOptions> options, HttpContext context,
        CancellationToken cancellationToken)
    {
        var current = await context.SignedInAsync();
        if (current.ConfirmationNeeded(time, options.Value, SecurityPages.Path) is { } first)
        {
            return TypedResults.Ok(new PasskeyResult(first));
        }

        var name = Name(body.Name) ?? SecurityTexts.Get("passkeys.unnamed");
        return await passkeys.AddAsync(context, current, body.Credential.GetRawText(), name, cancellationToken)
            ? TypedResults.Ok(new PasskeyResult($"{SecurityPages.Path}?notice=passkey"))
            : ApiProblems.Problem(StatusCodes.Status422UnprocessableEntity, AccessTexts.Get("passkey-refused"));
    }

    private static async Task<Results<RedirectHttpResult, NotFound>> RenameAsync(
        string id, [FromForm] string? name, PasskeyService passkeys, HttpContext context, CancellationToken cancellationToken)
    {
        var user = (await context.SignedInAsync()).User;
        return Id(id) is { } credentialId && Name(name) is { } given && await passkeys.RenameAsync(user, credentialId, given, cancellationToken)
            ? TypedResults.LocalRedirect($"{SecurityPages.Path}?notice=passkey-renamed")
            : TypedResults.NotFound();
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, NotFound>> RemoveAsync(
        string id, PasskeyService passkeys, HttpContext context, CancellationToken cancellationToken)
    {
        if (Id(id) is not { } credentialId)
        {
            return TypedResults.NotFound();
        }

        return await passkeys.RemoveAsync((await context.SignedInAsync()).User.Id, credentialId, cancellationToken) switch
        {
            PasskeyRemoval.Removed => TypedResults.LocalRedirect($"{SecurityPages.Path}?notice=passkey-removed"),
            PasskeyRemoval.LastWayIn => Messages.Page(
                SecurityTexts.Get("passkeys.last.title"), SecurityTexts.Get("passkeys.last"), NoticeKind.Error, StatusCodes.Status409Conflict,
                new PageLink(SecurityPages.Path, SecurityTexts.Get("title"))),
            _ => TypedResults.NotFound(),
        };
    }

    private static byte[]? Id(string id) => Base64Url.IsValid(id) ? Base64Url.DecodeFromChars(id) : null;

    private static string? Name(string? name) =>
        !string.IsNullOrWhiteSpace(name) && name.Trim() is { Length: <= PasskeyService.MaximumName } given && ProfileRules.IsName(given) ? given : null;
}
