using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Accounts.Links;
using BotGeneric.Identity.Accounts.Passwords;
using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Identity.Accounts.Registration;

/// <summary>What somebody registers with.</summary>
/// <param name="Email">The address.</param>
/// <param name="Password">The password, which the rules allow.</param>
/// <param name="DisplayName">The name, or null.</param>
/// <param name="Language">The language of the page.</param>
/// <param name="ReturnUrl">Where to go afterwards: a path of ours, or null.</param>
public sealed record RegistrationRequest(string Email, string Password, string? DisplayName, string Language, string? ReturnUrl);

/// <summary>What came of the verification of an address.</summary>
public enum VerificationResult
{
    /// <summary>The account exists now.</summary>
    Verified,

    /// <summary>The link does not work (any more).</summary>
    LinkRefused,

    /// <summary>Somebody has an account with the address already.</summary>
    AlreadyRegistered,

    /// <summary>The password is not the one that was chosen.</summary>
    WrongPassword,
}

/// <summary>Registration with e-mail and password. The account comes into being when the address is proved, not before.</summary>
public sealed class RegistrationService(
    IdentityDbContext db, OneTimeLinks links, PasswordWork passwords, SignInThrottle throttle, ILookupNormalizer normalizer, IdentityEvents events,
    AuditTrail audit, IOptions<AccountOptions> options, IOptions<OriginOptions> origin, TimeProvider time)
{
    /// <summary>The path of the page that a link leads to.</summary>
    public const string VerifyPath = "/register/verify";

    private const string CookieName = "registration";

    /// <summary>
    /// Begins a registration. Whoever asks learns nothing about the address: one password is hashed and one message goes out either way, to
    /// the address, where its owner reads whether there is an account.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="request">What was filled in.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task BeginAsync(HttpContext context, RegistrationRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var hash = await passwords.HashAsync(request.Password, cancellationToken);
        var browser = SecretCookies.Read(context, CookieName) is { Length: > 0 and <= 100 } sent ? sent : Secrets.Create();
        SecretCookies.Write(context, CookieName, browser, options.Value.RegistrationLifetime);

        var normalized = normalizer.NormalizeEmail(request.Email);
        var known = await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.NormalizedEmail == normalized, cancellationToken);
        var mayWrite = await throttle.TryBeginAsync(ThrottleRule.Mail, normalized) is null;
        audit.Add(AuditActions.UserRegistered, known?.Id, outcome: (known, mayWrite) switch
        {
            (_, false) => "too-many-messages",
            (null, _) => "requested",
            _ => "already-registered",
        });
        if (mayWrite && known is not null)
        {
            events.Notify(NotificationTemplates.AlreadyRegistered, known.Email!, known.Language, known.Id, new Dictionary<string, string>
            {
                ["signInLink"] = origin.Value.Address("/login").ToString(),
                ["resetLink"] = origin.Value.Address("/login/forgot").ToString(),
            });
        }
        else if (mayWrite)
        {
            AddLink(request, hash, browser);
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Whether the browser of the request is the one in which a registration began.</summary>
    /// <param name="context">The request.</param>
    /// <param name="link">The registration.</param>
    public static bool IsSameBrowser(HttpContext context, OneTimeLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        return link.BrowserHash is { } hash && Secrets.Matches(SecretCookies.Read(context, CookieName), hash);
    }

    /// <summary>Whether somebody has an account with the address of a registration already.</summary>
    /// <param name="link">The registration.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<bool> IsRegisteredAsync(OneTimeLink link, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(link);
        var normalized = normalizer.NormalizeEmail(link.Email);
        return db.Users.AnyAsync(user => user.NormalizedEmail == normalized, cancellationToken);
    }

    /// <summary>
    /// Whether a password is the one that the registration was begun with. In another browser it must be shown: else somebody could begin a
    /// registration for another's address, wait for the click, and know the password.
    /// </summary>
    /// <param name="link">The registration.</param>
    /// <param name="password">What was typed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether it is, or how long to wait before another attempt.</returns>
    public async Task<(bool IsRight, TimeSpan? Wait)> CheckPasswordAsync(OneTimeLink link, string password, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(link);
        return await throttle.TryBeginAsync(ThrottleRule.Account, $"link:{link.Id}") is { } wait
            ? (false, wait)
            : (await passwords.VerifyAsync(link.PasswordHash, password, cancellationToken) != PasswordMatch.No, null);
    }

    /// <summary>Uses the link: the account comes into being. Saves.</summary>
    /// <param name="link">The registration, whose owner the caller has checked.</param>
    /// <param name="newPassword">Another password than the one chosen first, or null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The person, or why there is none.</returns>
    public async Task<(VerificationResult Result, User? User)> VerifyAsync(OneTimeLink link, string? newPassword, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(link);
        var hash = newPassword is null ? link.PasswordHash : await passwords.HashAsync(newPassword, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (!await links.ConsumeAsync(link, cancellationToken))
        {
            return (VerificationResult.LinkRefused, null);
        }

        var user = User.Create(time.GetUtcNow(), link.Language, link.Email);
        user.NormalizedUserName = normalizer.NormalizeName(user.UserName);
        user.NormalizedEmail = normalizer.NormalizeEmail(link.Email);
        user.PasswordHash = hash;
        user.DisplayName = link.DisplayName;
        db.Users.Add(user);
        events.Registered(user);
        audit.Add(AuditActions.UserRegistered, user.Id, actorId: user.Id);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // Another link for the same address, a moment earlier.
            db.ChangeTracker.Clear();
            return (VerificationResult.AlreadyRegistered, null);
        }

        await transaction.CommitAsync(cancellationToken);
        return (VerificationResult.Verified, user);
    }

    private void AddLink(RegistrationRequest request, string hash, string browser)
    {
        var secret = Secrets.Create();
        var now = time.GetUtcNow();
        var lifetime = options.Value.RegistrationLifetime;
        db.OneTimeLinks.Add(OneTimeLink.ForRegistration(
            Secrets.Hash(secret), request.Email, hash, request.DisplayName, Secrets.Hash(browser), request.Language, request.ReturnUrl, now, lifetime));
        events.Notify(NotificationTemplates.VerifyEmail, request.Email, request.Language, null, new Dictionary<string, string>
        {
            ["link"] = origin.Value.Address($"{VerifyPath}?token={secret}").ToString(),
            ["hours"] = lifetime.TotalHours.ToString("0", System.Globalization.CultureInfo.InvariantCulture),
        }, now + lifetime);
    }
}
