using BotGeneric.Identity.Access;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.Passkeys;
using BotGeneric.Identity.Accounts.SecondFactors;
using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.External;
using BotGeneric.Identity.Impersonation;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.Identity.Sessions;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Pages.SignIn;

/// <summary><c>/account/confirm</c>: somebody who is signed in shows a credential again before something that matters.</summary>
internal static class ConfirmPages
{
    private const string Path = "/account/confirm";
    private const string SecondFactor = "mfa";

    public static void MapConfirmPages(this RouteGroupBuilder pages)
    {
        var group = pages.MapSignedIn();
        group.MapGet(Path, ShowAsync).RefuseWhileImpersonating();
        group.MapPost(Path, ByPasswordAsync);
        group.MapPost($"{Path}/code", ByCodeAsync);
        var passkey = group.MapGroup($"{Path}/passkey");
        passkey.MapPost("/options", BeginPasskeyAsync);
        passkey.MapPost(string.Empty, ByPasskeyAsync);
    }

    private static async Task<RazorComponentResult> ShowAsync(
        IdentityDbContext db, PasskeyService passkeys, IExternalProviderList providers, HttpContext context, CancellationToken cancellationToken,
        string? returnUrl = null, string? factor = null) =>
        await PageAsync(context, db, passkeys, providers, returnUrl, factor, null, cancellationToken);

    private static async Task<PageResult> ByPasswordAsync(
        [FromForm] string? password, [FromForm] string? returnUrl, PasswordSignIn signIn, SessionService sessions, IdentityDbContext db,
        PasskeyService passkeys, IExternalProviderList providers, HttpContext context, CancellationToken cancellationToken)
    {
        var current = await context.SignedInAsync();
        var (isRight, wait) = await signIn.ConfirmAsync(context, current.User, password, cancellationToken);
        if (wait is not null)
        {
            return Messages.TooMany(context, wait.Value, FormOf(returnUrl, null));
        }

        if (!isRight)
        {
            return await PageAsync(context, db, passkeys, providers, returnUrl, null, SignInTexts.Get("confirm.wrong"), cancellationToken);
        }

        await sessions.ConfirmAsync(current, ["pwd"], cancellationToken);
        return TypedResults.LocalRedirect(ReturnAddress.OrElse(returnUrl));
    }

    private static async Task<PageResult> ByCodeAsync(
        [FromForm] string? code, [FromForm] string? returnUrl, [FromForm] string? factor, SecondFactors factors, SignInThrottle throttle,
        SessionService sessions, IdentityDbContext db, PasskeyService passkeys, IExternalProviderList providers, HttpContext context,
        CancellationToken cancellationToken)
    {
        var current = await context.SignedInAsync();
        var key = current.User.Id.ToString();
        if (await throttle.TryBeginAsync(ThrottleRule.SecondFactor, key) is { } wait)
        {
            return Messages.TooMany(context, wait, FormOf(returnUrl, factor));
        }

        if (await factors.UseAsync(current.User, code, cancellationToken) is not { } shown)
        {
            return await PageAsync(context, db, passkeys, providers, returnUrl, factor, SignInTexts.Get("second.wrong"), cancellationToken);
        }

        await throttle.ForgetAsync(ThrottleRule.SecondFactor, key);
        // A session that began with one factor has two now.
        await sessions.ConfirmAsync(current, shown, cancellationToken);
        return TypedResults.LocalRedirect(ReturnAddress.OrElse(returnUrl));
    }

    private static string FormOf(string? returnUrl, string? factor) => QueryHelpers.AddQueryString(
        Path,
        new Dictionary<string, string?> { ["returnUrl"] = returnUrl, ["factor"] = factor }.Where(parameter => !string.IsNullOrEmpty(parameter.Value)));

    private static async Task<Ok<PasskeyOptions>> BeginPasskeyAsync(PasskeyService passkeys, HttpContext context) =>
        TypedResults.Ok(PasskeyOptions.Of(await passkeys.BeginShowingAsync(context, await context.SignedInAsync())));

    private static async Task<Results<Ok<PasskeyResult>, ProblemHttpResult>> ByPasskeyAsync(
        PasskeyCredential body, PasskeyService passkeys, HttpContext context, CancellationToken cancellationToken) =>
        await passkeys.ConfirmAsync(context, await context.SignedInAsync(), body.Credential.GetRawText(), cancellationToken)
            ? TypedResults.Ok(new PasskeyResult(ReturnAddress.OrElse(body.ReturnUrl)))
            : ApiProblems.Problem(StatusCodes.Status422UnprocessableEntity, AccessTexts.Get("passkey-refused"));

    private static async Task<RazorComponentResult> PageAsync(
        HttpContext context, IdentityDbContext db, PasskeyService passkeys, IExternalProviderList providers, string? returnUrl, string? factor,
        string? error, CancellationToken cancellationToken)
    {
        var user = (await context.SignedInAsync()).User;
        var linked = await db.ExternalIdentities.Where(link => link.UserId == user.Id).Select(link => link.Provider).ToListAsync(cancellationToken);
        return PageEndpoints.Page<ConfirmPage, ConfirmModel>(
            new ConfirmModel(
                ReturnAddress.OrElse(returnUrl), user.PasswordHash is not null, user.TwoFactorEnabled, (await passkeys.ListAsync(user)).Count > 0,
                [.. providers.Buttons.Where(button => linked.Contains(button.Provider))], factor == SecondFactor, error),
            error is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }
}
