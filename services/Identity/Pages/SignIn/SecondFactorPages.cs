using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Identity.Pages.SignIn;

/// <summary><c>/login/second-factor</c>.</summary>
internal static class SecondFactorPages
{
    public static void MapSecondFactorPages(this RouteGroupBuilder pages)
    {
        pages.MapGet(SignInFlow.SecondFactorPath, Show).AllowAnonymous();
        pages.MapPost(SignInFlow.SecondFactorPath, TryAsync).AllowAnonymous();
    }

    private static PageResult Show(PendingSignIns pendings, HttpContext context) => pendings.Find(context) is null
        ? TypedResults.LocalRedirect("/login")
        : PageEndpoints.Page<SecondFactorPage, SecondFactorModel>(new SecondFactorModel());

    private static async Task<PageResult> TryAsync(
        [FromForm] string? code, SecondFactorSignIn signIn, HttpContext context, CancellationToken cancellationToken)
    {
        var outcome = await signIn.TryAsync(context, code, cancellationToken);
        return outcome switch
        {
            { Next: { } next } => TypedResults.LocalRedirect(next),
            { MustStartOver: true } => TypedResults.LocalRedirect(SignInFlow.AgainPath),
            { Wait: { } wait } => Messages.TooMany(context, wait, SignInFlow.SecondFactorPath),
            _ => PageEndpoints.Page<SecondFactorPage, SecondFactorModel>(
                new SecondFactorModel(SignInTexts.Get("second.wrong")), StatusCodes.Status422UnprocessableEntity),
        };
    }
}
