using BotGeneric.Identity.Accounts.Passwords;
using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Accounts.SignIn;

/// <summary>What came of an attempt to sign in.</summary>
/// <param name="Next">The path of ours to go to; null: refused.</param>
/// <param name="Wait">How long to wait before another attempt; null: it was a wrong credential.</param>
public sealed record SignInOutcome(string? Next, TimeSpan? Wait = null);

/// <summary>Signing in with e-mail and password, and showing the password again.</summary>
public sealed class PasswordSignIn(
    IdentityDbContext db, ILookupNormalizer normalizer, PasswordWork passwords, SignInThrottle throttle, KnownBrowsers browsers, SignInFlow flow,
    AuditTrail audit)
{
    /// <summary>Tries to sign in. An address that nobody has costs the same time and gets the same answer as a wrong password.</summary>
    /// <param name="context">The request.</param>
    /// <param name="email">The address.</param>
    /// <param name="password">The password.</param>
    /// <param name="returnUrl">Where to go afterwards.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<SignInOutcome> TryAsync(
        HttpContext context, string? email, string? password, string returnUrl, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var normalized = normalizer.NormalizeEmail(email?.Trim()) ?? string.Empty;
        var user = await db.Users.SingleOrDefaultAsync(candidate => candidate.NormalizedEmail == normalized, cancellationToken);
        var (match, wait) = await CheckAsync(context, user, $"email:{normalized}", password, cancellationToken);
        if (wait is not null)
        {
            return new SignInOutcome(null, wait);
        }

        if (match == PasswordMatch.No)
        {
            audit.Add(AuditActions.SignedIn, user?.Id, outcome: user is null ? "unknown-address" : "wrong-password");
            await db.SaveChangesAsync(cancellationToken);
            return new SignInOutcome(null);
        }

        if (match == PasswordMatch.YesButWeak)
        {
            var weak = user!.PasswordHash;
            var renewed = await passwords.HashAsync(password!, cancellationToken);
            // Only in the place of the one that was checked: a password that was chosen meanwhile stays.
            await db.Users.Where(candidate => candidate.Id == user.Id && candidate.PasswordHash == weak)
                .ExecuteUpdateAsync(set => set.SetProperty(candidate => candidate.PasswordHash, renewed), cancellationToken);
        }

        return new SignInOutcome(await flow.ContinueAsync(context, user!, ["pwd"], returnUrl, cancellationToken));
    }

    /// <summary>Whether somebody who is signed in knows the password.</summary>
    /// <param name="context">The request.</param>
    /// <param name="user">Who.</param>
    /// <param name="password">What was typed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether it is right, or how long to wait before another attempt.</returns>
    public async Task<(bool IsRight, TimeSpan? Wait)> ConfirmAsync(HttpContext context, User user, string? password, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(user);
        var (match, wait) = await CheckAsync(context, user, $"confirm:{user.Id}", password, cancellationToken);
        return (match != PasswordMatch.No, wait);
    }

    private async Task<(PasswordMatch Match, TimeSpan? Wait)> CheckAsync(
        HttpContext context, User? user, string accountKey, string? password, CancellationToken cancellationToken)
    {
        var address = SignInThrottle.KeyOf(context.Connection.RemoteIpAddress);
        // Asked for somebody who does not exist too: the time says nothing.
        var browser = await browsers.KeyIfKnownAsync(context, user?.Id ?? Guid.Empty, cancellationToken);
        var (rule, key) = browser is null ? (ThrottleRule.Account, accountKey) : (ThrottleRule.KnownBrowser, browser);
        if ((await throttle.TryBeginAsync(ThrottleRule.Address, address) ?? await throttle.TryBeginAsync(rule, key)) is { } wait)
        {
            return (PasswordMatch.No, wait);
        }

        // Longer than any password can be: refused for the price of a short one.
        var typed = password is { Length: <= PasswordSettings.MaximumLength * 2 } ? password : string.Empty;
        var match = await passwords.VerifyAsync(user?.PasswordHash, typed, cancellationToken);
        if (match != PasswordMatch.No)
        {
            await throttle.ForgetAsync(rule, key);
            await throttle.TakeBackAsync(ThrottleRule.Address, address);
        }

        return (match, null);
    }
}
