using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.Links;
using BotGeneric.Identity.Accounts.SecondFactors;
using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.Identity.Sessions;
using BotGeneric.WebUi.Http;
using BotGeneric.WebUi.Localization;
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
    private const string Purpose = "totp-setup";
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

    private static async Task<RedirectHttpResult> StartAsync(SealedValues values, TimeProvider time, HttpContext context)
    {
        var current = await context.SignedInAsync();
        if (current.User.TwoFactorEnabled)
        {
            return TypedResults.LocalRedirect(SecurityPages.Path);
        }

        // In the browser until a code of it is shown: a set-up that is not finished leaves nothing behind.
        var setup = new Setup(current.User.Id, Totp.CreateSecret(), time.GetUtcNow() + SetupLifetime);
        SecretCookies.Write(context, CookieName, values.Seal(Purpose, setup), SetupLifetime);
        return TypedResults.LocalRedirect(Path);
    }

    private static async Task<PageResult> ShowAsync(SealedValues values, HttpContext context) =>
        await SecretAsync(context, values) is { } secret
            ? PageEndpoints.Page<TotpPage, TotpModel>(new TotpModel(Grouped(secret)))
            : TypedResults.LocalRedirect(SecurityPages.Path);

    private static async Task<Results<ContentHttpResult, NotFound>> ShowQrAsync(SealedValues values, HttpContext context)
    {
        if (await SecretAsync(context, values) is not { } secret)
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
        [FromForm] string? code, SealedValues values, SecondFactors factors, SessionService sessions, SignInThrottle throttle,
        SecurityNotices notices, AuditTrail audit, HttpContext context, CancellationToken cancellationToken)
    {
        var current = await context.SignedInAsync();
        if (await SecretAsync(context, values) is not { } secret || current.User.TwoFactorEnabled)
        {
            return TypedResults.LocalRedirect(SecurityPages.Path);
        }

        if (await throttle.TryBeginAsync(ThrottleRule.SecondFactor, current.User.Id.ToString()) is { } wait)
        {
            return Messages.TooMany(context, wait, Path);
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
        SecondFactors factors, SecurityNotices notices, AuditTrail audit, IdentityDbContext db, HttpContext context,
        CancellationToken cancellationToken)
    {
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
        SecondFactors factors, AuditTrail audit, IdentityDbContext db, HttpContext context, CancellationToken cancellationToken)
    {
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

    private static async Task<string?> SecretAsync(HttpContext context, SealedValues values)
    {
        var user = (await context.SignedInAsync()).User;
        return values.Open<Setup>(Purpose, SecretCookies.Read(context, CookieName)) is { } setup && setup.UserId == user.Id ? setup.Secret : null;
    }

    private static string Grouped(string secret) => string.Join(' ', secret.Chunk(4).Select(group => new string(group)));

    private sealed record Setup(Guid UserId, string Secret, DateTimeOffset ExpiresAt) : ISealable;
}
