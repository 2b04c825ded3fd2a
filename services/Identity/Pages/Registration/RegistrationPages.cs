using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.Links;
using BotGeneric.Identity.Accounts.Passwords;
using BotGeneric.Identity.Accounts.Profile;
using BotGeneric.Identity.Accounts.Registration;
using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.WebUi.Forms;
using BotGeneric.WebUi.Http;
using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace BotGeneric.Identity.Pages.Registration;

/// <summary><c>/register</c> and what follows from it.</summary>
internal static class RegistrationPages
{
    private const string SentPath = "/register/check-mail";

    public static void MapRegistrationPages(this RouteGroupBuilder pages)
    {
        pages.MapGet("/register", Show).AllowAnonymous();
        pages.MapPost("/register", RegisterAsync).AllowAnonymous();
        pages.MapGet(SentPath, ShowSent).AllowAnonymous();
        pages.MapGet(RegistrationService.VerifyPath, ShowVerifyAsync).AllowAnonymous();
        pages.MapPost(RegistrationService.VerifyPath, VerifyAsync).AllowAnonymous();
    }

    private static RazorComponentResult Show(PasswordRules rules, string? returnUrl = null) =>
        PageEndpoints.Page<RegisterPage, RegisterModel>(
            new RegisterModel(ReturnAddress.OrElse(returnUrl), rules.MinimumLength, null, null, new Dictionary<string, string>()));

    private static async Task<PageResult> RegisterAsync(
        [FromForm] string? email, [FromForm] string? password, [FromForm] string? displayName, [FromForm] string? returnUrl, PasswordRules rules,
        RegistrationService registration, SignInThrottle throttle, HttpContext context, CancellationToken cancellationToken)
    {
        // Before the password is judged, which may ask a service outside.
        if (await throttle.TryBeginAsync(ThrottleRule.Form, SignInThrottle.KeyOf(context.Connection.RemoteIpAddress)) is { } wait)
        {
            return Messages.TooMany(context, wait, "/register");
        }

        var errors = new Dictionary<string, string>();
        if (!EmailAddress.TryRead(email, out var address))
        {
            errors["email"] = Messages.Get("email.invalid");
        }

        if (!ProfileRules.IsName(displayName))
        {
            errors["displayName"] = RegistrationTexts.Get("name.invalid");
        }

        if (await rules.CheckAsync(password, address, displayName, cancellationToken) is { } fault)
        {
            errors["password"] = Messages.Of(fault, rules.MinimumLength);
        }

        if (errors.Count > 0)
        {
            return PageEndpoints.Page<RegisterPage, RegisterModel>(
                new RegisterModel(ReturnAddress.OrElse(returnUrl), rules.MinimumLength, email, displayName, errors), StatusCodes.Status422UnprocessableEntity);
        }

        await registration.BeginAsync(
            context,
            new RegistrationRequest(
                address!, password!, string.IsNullOrWhiteSpace(displayName) ? null : displayName.Trim(), PageLanguage.Current,
                ReturnAddress.IsLocal(returnUrl) ? returnUrl : null),
            cancellationToken);
        return TypedResults.LocalRedirect(SentPath);
    }

    private static RazorComponentResult ShowSent() => Messages.Page(
        RegistrationTexts.Get("sent.title"), RegistrationTexts.Get("sent.text"), NoticeKind.Information, StatusCodes.Status200OK,
        new PageLink("/login", Messages.Get("sign-in")));

    private static async Task<RazorComponentResult> ShowVerifyAsync(
        OneTimeLinks links, RegistrationService registration, PasswordRules rules, HttpContext context, CancellationToken cancellationToken,
        string? token = null)
    {
        if (await links.FindAsync(token, LinkPurpose.Register, cancellationToken) is not { } link)
        {
            return LinkRefused();
        }

        return await registration.IsRegisteredAsync(link, cancellationToken)
            ? AlreadyRegistered()
            : PageEndpoints.Page<VerifyPage, VerifyModel>(
                new VerifyModel(token!, RegistrationService.IsSameBrowser(context, link), rules.MinimumLength));
    }

    private static async Task<PageResult> VerifyAsync(
        [FromForm] string? token, [FromForm] string? password, [FromForm] string? newPassword, OneTimeLinks links, RegistrationService registration,
        PasswordRules rules, SignInFlow flow, HttpContext context, CancellationToken cancellationToken)
    {
        if (await links.FindAsync(token, LinkPurpose.Register, cancellationToken) is not { } link)
        {
            return LinkRefused();
        }

        var chosen = string.IsNullOrEmpty(newPassword) ? null : newPassword;
        if (!RegistrationService.IsSameBrowser(context, link))
        {
            var (model, wait) = await CheckAsync(token!, link, password, chosen, registration, rules, cancellationToken);
            if (wait is not null)
            {
                return Messages.TooMany(context, wait.Value, QueryHelpers.AddQueryString(RegistrationService.VerifyPath, "token", token!));
            }

            if (model is not null)
            {
                return PageEndpoints.Page<VerifyPage, VerifyModel>(model, StatusCodes.Status422UnprocessableEntity);
            }
        }
        else
        {
            chosen = null;
        }

        var (result, user) = await registration.VerifyAsync(link, chosen, cancellationToken);
        return result switch
        {
            VerificationResult.Verified => TypedResults.LocalRedirect(
                await flow.ContinueAsync(context, user!, ["pwd"], ReturnAddress.OrElse(link.ReturnUrl), cancellationToken)),
            VerificationResult.AlreadyRegistered => AlreadyRegistered(),
            _ => LinkRefused(),
        };
    }

    // In another browser: the password chosen first, or a new one, which the owner of the mailbox may always choose.
    private static async Task<(VerifyModel? Model, TimeSpan? Wait)> CheckAsync(
        string token, OneTimeLink link, string? password, string? newPassword, RegistrationService registration, PasswordRules rules,
        CancellationToken cancellationToken)
    {
        if (newPassword is not null)
        {
            return await rules.CheckAsync(newPassword, link.Email, link.DisplayName, cancellationToken) is { } fault
                ? (new VerifyModel(token, false, rules.MinimumLength, NewPasswordError: Messages.Of(fault, rules.MinimumLength)), null)
                : (null, null);
        }

        if (string.IsNullOrEmpty(password))
        {
            return (new VerifyModel(token, false, rules.MinimumLength, PasswordError: RegistrationTexts.Get("verify.missing")), null);
        }

        var (isRight, wait) = await registration.CheckPasswordAsync(link, password, cancellationToken);
        return (isRight ? null : new VerifyModel(token, false, rules.MinimumLength, PasswordError: RegistrationTexts.Get("verify.wrong")), wait);
    }

    private static RazorComponentResult LinkRefused() => Messages.Page(
        Messages.Get("link.title"), RegistrationTexts.Get("link.text"), NoticeKind.Error, StatusCodes.Status410Gone,
        new PageLink("/register", RegistrationTexts.Get("title")), new PageLink("/login", Messages.Get("sign-in")));

    private static RazorComponentResult AlreadyRegistered() => Messages.Page(
        RegistrationTexts.Get("already.title"), RegistrationTexts.Get("already.text"), NoticeKind.Information, StatusCodes.Status409Conflict,
        new PageLink("/login", Messages.Get("sign-in")), new PageLink("/login/forgot", RegistrationTexts.Get("already.forgot")));
}
