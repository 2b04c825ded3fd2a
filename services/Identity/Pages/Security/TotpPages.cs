using System.Security.Cryptography;
using System.Text.Json;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.SecondFactors;
using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.Identity.Sessions;
using BotGeneric.WebUi.Http;
using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using QRCoder;

namespace BotGeneric.Identity.Pages.Security;

/// <summary>The authenticator: setting it up, recovery codes, switching it off.</summary>
internal static class TotpPages
{
    private const string Path = $"{SecurityPages.Path}/totp";
    private const string CodesPath = $"{SecurityPages.Path}/recovery-codes";
    private const string CookieName = "totp-setup";
    private static readonly TimeSpan SetupLifetime = TimeSpan.FromMinutes(10);

    public static void MapTotpPages(this RouteGroupBuilder pages)
    {
        var group = pages.MapSignedIn();
        group.MapPost($"{Path}/start", StartAsync).RequireFresh(SecurityPages.Path);
        group.MapGet(Path, ShowAsync).RequireFresh(Path);
        group.MapGet($"{Path}/qr", ShowQrAsync);
        group.MapPost(Path, EnableAsync).RequireFresh(Path);
        group.MapPost($"{Path}/disable", DisableAsync).RequireFresh(SecurityPages.Path);
        group.MapPost(CodesPath, RenewCodesAsync).RequireFresh(SecurityPages.Path);
    }

    private static async Task<RedirectHttpResult> StartAsync([FromForm] string? returnUrl, IDataProtectionProvider protection, TimeProvider time, HttpContext context)
    {
        _ = returnUrl;
        var current = await context.SignedInAsync();
        if (current.User.TwoFactorEnabled)
        {
            return TypedResults.LocalRedirect(SecurityPages.Path);
        }

        // In the browser until a code of it is shown: a set-up that is not finished leaves nothing behind.
        var setup = new Setup(current.User.Id, Totp.CreateSecret(), time.GetUtcNow() + SetupLifetime);
        SecretCookies.Write(context, CookieName, Protector(protection).Protect(JsonSerializer.Serialize(setup)), SetupLifetime);
        return TypedResults.LocalRedirect(Path);
    }

    private static async Task<PageResult> ShowAsync(IDataProtectionProvider protection, TimeProvider time, HttpContext context) =>
        await SecretAsync(context, protection, time) is { } secret
            ? PageEndpoints.Page<TotpPage, TotpModel>(new TotpModel(Grouped(secret)))
            : TypedResults.LocalRedirect(SecurityPages.Path);

    private static async Task<Results<ContentHttpResult, NotFound>> ShowQrAsync(IDataProtectionProvider protection, TimeProvider time, HttpContext context)
    {
        if (await SecretAsync(context, protection, time) is not { } secret)
        {
            return TypedResults.NotFound();
        }

        var user = (await context.SignedInAsync()).User;
        var address = Totp.Address(secret, SharedTexts.Get("brand"), user.Email ?? user.DisplayName ?? user.Id.ToString());
        using var data = QRCodeGenerator.GenerateQrCode(address, QRCodeGenerator.ECCLevel.M);
        using var picture = new SvgQRCode(data);
        return TypedResults.Content(picture.GetGraphic(4), "image/svg+xml");
    }

    private static async Task<PageResult> EnableAsync(
        [FromForm] string? code, IDataProtectionProvider protection, SecondFactors factors, SessionService sessions, SignInThrottle throttle,
        SecurityNotices notices, AuditTrail audit, TimeProvider time, HttpContext context, CancellationToken cancellationToken)
    {
        var current = await context.SignedInAsync();
        if (await SecretAsync(context, protection, time) is not { } secret || current.User.TwoFactorEnabled)
        {
            return TypedResults.LocalRedirect(SecurityPages.Path);
        }

        if (await throttle.TryBeginAsync(ThrottleRule.SecondFactor, current.User.Id.ToString()) is { } wait)
        {
            return Messages.TooMany(context, wait);
        }

        if (!await factors.UseTotpAsync(current.User.Id, secret, code, cancellationToken))
        {
            return PageEndpoints.Page<TotpPage, TotpModel>(
                new TotpModel(Grouped(secret), SecurityTexts.Get("totp.wrong")), StatusCodes.Status422UnprocessableEntity);
        }

        await factors.EnableAsync(current.User, secret, cancellationToken);
        var codes = await factors.CreateRecoveryCodesAsync(current.User, cancellationToken);
        audit.Add(AuditActions.TotpEnabled, current.User.Id, actorId: current.User.Id);
        audit.Add(AuditActions.RecoveryCodesCreated, current.User.Id, actorId: current.User.Id);
        notices.Changed(current.User, "totp", isAdded: true);
        await sessions.ConfirmAsync(current, ["otp", "mfa"], cancellationToken);
        SecretCookies.Delete(context, CookieName);
        return PageEndpoints.Page<RecoveryCodesPage, RecoveryCodesModel>(new RecoveryCodesModel(codes));
    }

    private static async Task<RedirectHttpResult> DisableAsync(
        [FromForm] string? returnUrl, SecondFactors factors, SecurityNotices notices, AuditTrail audit, IdentityDbContext db, HttpContext context,
        CancellationToken cancellationToken)
    {
        _ = returnUrl;
        var user = (await context.SignedInAsync()).User;
        if (user.TwoFactorEnabled)
        {
            await factors.DisableAsync(user, cancellationToken);
            audit.Add(AuditActions.TotpDisabled, user.Id, actorId: user.Id);
            notices.Changed(user, "totp", isAdded: false);
            await db.SaveChangesAsync(cancellationToken);
        }

        return TypedResults.LocalRedirect($"{SecurityPages.Path}?notice=totp-off");
    }

    private static async Task<PageResult> RenewCodesAsync(
        [FromForm] string? returnUrl, SecondFactors factors, AuditTrail audit, IdentityDbContext db, HttpContext context, CancellationToken cancellationToken)
    {
        _ = returnUrl;
        var user = (await context.SignedInAsync()).User;
        if (!user.TwoFactorEnabled)
        {
            return TypedResults.LocalRedirect(SecurityPages.Path);
        }

        var codes = await factors.CreateRecoveryCodesAsync(user, cancellationToken);
        audit.Add(AuditActions.RecoveryCodesCreated, user.Id, actorId: user.Id);
        await db.SaveChangesAsync(cancellationToken);
        return PageEndpoints.Page<RecoveryCodesPage, RecoveryCodesModel>(new RecoveryCodesModel(codes));
    }

    private static async Task<string?> SecretAsync(HttpContext context, IDataProtectionProvider protection, TimeProvider time)
    {
        var user = (await context.SignedInAsync()).User;
        try
        {
            var setup = SecretCookies.Read(context, CookieName) is { Length: > 0 } cookie
                ? JsonSerializer.Deserialize<Setup>(Protector(protection).Unprotect(cookie))
                : null;
            return setup is not null && setup.UserId == user.Id && time.GetUtcNow() < setup.ExpiresAt ? setup.Secret : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static IDataProtector Protector(IDataProtectionProvider protection) => protection.CreateProtector("totp-setup");

    private static string Grouped(string secret) => string.Join(' ', secret.Chunk(4).Select(group => new string(group)));

    private sealed record Setup(Guid UserId, string Secret, DateTimeOffset ExpiresAt);
}
