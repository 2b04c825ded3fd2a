using System.Buffers.Text;
using BotGeneric.Identity.Accounts.Passkeys;
using BotGeneric.Identity.Accounts.Passwords;
using BotGeneric.Identity.Accounts.Recovery;
using BotGeneric.Identity.Accounts.SecondFactors;
using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Identity.Pages.Security;

/// <summary><c>/account/security</c> and the password.</summary>
internal static class SecurityPages
{
    public const string Path = "/account/security";
    private const string PasswordPath = $"{Path}/password";
    private static readonly string[] Notices = ["password", "email", "email-sent", "totp-off", "passkey", "passkey-removed", "passkey-renamed"];

    public static void MapSecurityPages(this RouteGroupBuilder pages)
    {
        var group = pages.MapSignedIn();
        group.MapGet(Path, ShowAsync);
        group.MapGet(PasswordPath, ShowPasswordAsync).RequireFresh(PasswordPath);
        group.MapPost(PasswordPath, ChangePasswordAsync).RequireFresh(PasswordPath);
    }

    private static async Task<RazorComponentResult> ShowAsync(
        SecondFactors factors, PasskeyService passkeys, HttpContext context, CancellationToken cancellationToken, string? notice = null)
    {
        var user = (await context.SignedInAsync()).User;
        return PageEndpoints.Page<SecurityPage, SecurityModel>(new SecurityModel(
            user.Email, user.PasswordHash is not null, user.TwoFactorEnabled, await factors.CountRecoveryCodesAsync(user.Id, cancellationToken),
            [.. (await passkeys.ListAsync(user)).Select(passkey => new PasskeyRow(Base64Url.EncodeToString(passkey.CredentialId), passkey.Name, passkey.CreatedAt))],
            Notices.Contains(notice) ? SecurityTexts.Get($"notice.{notice}") : null));
    }

    private static async Task<PageResult> ShowPasswordAsync(PasswordRules rules, HttpContext context)
    {
        var user = (await context.SignedInAsync()).User;
        return user.Email is null
            ? TypedResults.LocalRedirect($"{Path}/email")
            : PageEndpoints.Page<PasswordPage, PasswordModel>(new PasswordModel(user.PasswordHash is not null, rules.MinimumLength));
    }

    private static async Task<PageResult> ChangePasswordAsync(
        [FromForm] string? currentPassword, [FromForm] string? newPassword, PasswordRules rules, PasswordSignIn signIn, PasswordService passwords,
        HttpContext context, CancellationToken cancellationToken)
    {
        var current = await context.SignedInAsync();
        var user = current.User;
        if (user.Email is null)
        {
            return TypedResults.LocalRedirect($"{Path}/email");
        }

        var model = new PasswordModel(user.PasswordHash is not null, rules.MinimumLength);
        if (await rules.CheckAsync(newPassword, user.Email, user.DisplayName, cancellationToken) is { } fault)
        {
            model = model with { NewError = Messages.Of(fault, rules.MinimumLength) };
        }
        else if (user.PasswordHash is not null)
        {
            var (isRight, wait) = await signIn.ConfirmAsync(context, user, currentPassword, cancellationToken);
            if (wait is not null)
            {
                return Messages.TooMany(context, wait.Value, $"{Path}/password");
            }

            model = isRight ? model : model with { CurrentError = SecurityTexts.Get("password.wrong") };
        }

        if (model is { NewError: not null } or { CurrentError: not null })
        {
            return PageEndpoints.Page<PasswordPage, PasswordModel>(model, StatusCodes.Status422UnprocessableEntity);
        }

        // Somebody was faster: the password that was typed is not the present one any more.
        return await passwords.ChangeAsync(current, newPassword!, cancellationToken)
            ? TypedResults.LocalRedirect($"{Path}?notice=password")
            : PageEndpoints.Page<PasswordPage, PasswordModel>(
                model with { CurrentError = SecurityTexts.Get("password.wrong") }, StatusCodes.Status422UnprocessableEntity);
    }
}
