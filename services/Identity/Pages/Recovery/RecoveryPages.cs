using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.Links;
using BotGeneric.Identity.Accounts.Passwords;
using BotGeneric.Identity.Accounts.Recovery;
using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.WebUi.Forms;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Identity.Pages.Recovery;

/// <summary><c>/login/forgot</c> and <c>/login/reset</c>.</summary>
internal static class RecoveryPages
{
    private const string ForgotPath = "/login/forgot";
    private const string SentPath = "/login/forgot/check-mail";

    public static void MapRecoveryPages(this RouteGroupBuilder pages)
    {
        pages.MapGet(ForgotPath, () => PageEndpoints.Page<ForgotPage, ForgotModel>(new ForgotModel())).AllowAnonymous();
        pages.MapPost(ForgotPath, ForgotAsync).AllowAnonymous();
        pages.MapGet(SentPath, ShowSent).AllowAnonymous();
        pages.MapGet(PasswordService.ResetPath, ShowResetAsync).AllowAnonymous();
        pages.MapPost(PasswordService.ResetPath, ResetAsync).AllowAnonymous();
    }

    private static async Task<PageResult> ForgotAsync(
        [FromForm] string? email, PasswordService passwords, SignInThrottle throttle, HttpContext context, CancellationToken cancellationToken)
    {
        if (!EmailAddress.TryRead(email, out var address))
        {
            return PageEndpoints.Page<ForgotPage, ForgotModel>(
                new ForgotModel(email, Messages.Get("email.invalid")), StatusCodes.Status422UnprocessableEntity);
        }

        if (await throttle.TryBeginAsync(ThrottleRule.Form, SignInThrottle.KeyOf(context.Connection.RemoteIpAddress)) is { } wait)
        {
            return Messages.TooMany(context, wait, ForgotPath);
        }

        await passwords.RequestResetAsync(address, cancellationToken);
        return TypedResults.LocalRedirect(SentPath);
    }

    private static RazorComponentResult ShowSent() => Messages.Page(
        RecoveryTexts.Get("sent.title"), RecoveryTexts.Get("sent.text"), NoticeKind.Information, StatusCodes.Status200OK,
        new PageLink("/login", Messages.Get("sign-in")));

    private static async Task<RazorComponentResult> ShowResetAsync(
        OneTimeLinks links, PasswordService passwords, PasswordRules rules, CancellationToken cancellationToken, string? token = null) =>
        await links.FindAsync(token, LinkPurpose.ResetPassword, cancellationToken) is { } link && await passwords.FindAsync(link, cancellationToken) is not null
            ? PageEndpoints.Page<ResetPage, ResetModel>(new ResetModel(token!, rules.MinimumLength))
            : LinkRefused();

    private static async Task<PageResult> ResetAsync(
        [FromForm] string? token, [FromForm] string? password, OneTimeLinks links, PasswordService passwords, PasswordRules rules, SignInFlow flow,
        HttpContext context, CancellationToken cancellationToken)
    {
        if (await links.FindAsync(token, LinkPurpose.ResetPassword, cancellationToken) is not { } link
            || await passwords.FindAsync(link, cancellationToken) is not { } user)
        {
            return LinkRefused();
        }

        if (await rules.CheckAsync(password, user.Email, user.DisplayName, cancellationToken) is { } fault)
        {
            return PageEndpoints.Page<ResetPage, ResetModel>(
                new ResetModel(token!, rules.MinimumLength, Messages.Of(fault, rules.MinimumLength)), StatusCodes.Status422UnprocessableEntity);
        }

        if (!await passwords.ResetAsync(link, user, password!, cancellationToken))
        {
            return LinkRefused();
        }

        // The mailbox is one factor. Where there is a second, the person signs in with both.
        return TypedResults.LocalRedirect(user.TwoFactorEnabled
            ? "/login?notice=password"
            : await flow.ContinueAsync(context, user, ["pwd"], "/account", cancellationToken));
    }

    private static RazorComponentResult LinkRefused() => Messages.Page(
        Messages.Get("link.title"), RecoveryTexts.Get("link.text"), NoticeKind.Error, StatusCodes.Status410Gone,
        new PageLink(ForgotPath, RecoveryTexts.Get("forgot.title")), new PageLink("/login", Messages.Get("sign-in")));
}
