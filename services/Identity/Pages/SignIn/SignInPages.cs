using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.External;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.Identity.Sessions;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.WebUi.Forms;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace BotGeneric.Identity.Pages.SignIn;

/// <summary><c>/login</c>, and the way out.</summary>
internal static class SignInPages
{
    public static void MapSignInPages(this RouteGroupBuilder pages)
    {
        pages.MapGet("/login", ShowAsync).AllowAnonymous();
        pages.MapPost("/login", SignInAsync).AllowAnonymous();
        pages.MapGet(SignInFlow.LockedPath, ShowLocked).AllowAnonymous();
        pages.MapSignedIn().MapPost("/account/sign-out", SignOutAsync).AllowWhileImpersonating();
    }

    // Also for somebody who is signed in: an application may want a new sign-in (prompt=login), or somebody else to sign in.
    private static Task<RazorComponentResult> ShowAsync(
        IExternalProviderList providers, string? returnUrl = null, string? notice = null, [FromQuery(Name = "login_hint")] string? loginHint = null) =>
        Task.FromResult(PageEndpoints.Page<LoginPage, LoginModel>(new LoginModel(
            ReturnAddress.OrElse(returnUrl), providers.Buttons, Email: loginHint is { Length: <= EmailAddress.MaximumLength } ? loginHint : null,
            Notice: notice switch { "password" => SignInTexts.Get("notice.password"), "again" => SignInTexts.Get("notice.again"), _ => null })));

    private static async Task<PageResult> SignInAsync(
        [FromForm] string? email, [FromForm] string? password, [FromForm] string? returnUrl, PasswordSignIn signIn, IExternalProviderList providers,
        HttpContext context, CancellationToken cancellationToken)
    {
        var next = ReturnAddress.OrElse(returnUrl);
        var outcome = await signIn.TryAsync(context, email, password, next, cancellationToken);
        if (outcome.Wait is { } wait)
        {
            return Messages.TooMany(context, wait, QueryHelpers.AddQueryString("/login", "returnUrl", next));
        }

        return outcome.Next is not null
            ? TypedResults.LocalRedirect(outcome.Next)
            : PageEndpoints.Page<LoginPage, LoginModel>(
                new LoginModel(next, providers.Buttons, email, SignInTexts.Get("wrong")), StatusCodes.Status422UnprocessableEntity);
    }

    private static RazorComponentResult ShowLocked() => Messages.Page(
        SignInTexts.Get("locked.title"), SignInTexts.Get("locked.text"), NoticeKind.Warning, StatusCodes.Status403Forbidden);

    private static async Task<RedirectHttpResult> SignOutAsync(
        [FromForm] string? returnUrl, SessionService sessions, Data.IdentityDbContext db, HttpContext context, CancellationToken cancellationToken)
    {
        if (await context.GetCurrentSessionAsync() is { } current)
        {
            await sessions.SignOutAsync(current, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
        }

        await context.SignOutAsync(SessionCookie.Scheme);
        return TypedResults.LocalRedirect(ReturnAddress.OrElse(returnUrl, "/login"));
    }
}
