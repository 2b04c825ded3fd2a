using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Accounts.Links;
using BotGeneric.Identity.Accounts.Passwords;
using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using BotGeneric.Identity.Sessions;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Accounts.Recovery;

/// <summary>Choosing another password: with a link, or by somebody who is signed in.</summary>
public sealed class PasswordService(
    IdentityDbContext db, OneTimeLinks links, PasswordWork passwords, SignInThrottle throttle, SessionService sessions, ILookupNormalizer normalizer,
    IdentityEvents events, AuditTrail audit, IOptions<AccountOptions> options, IOptions<OriginOptions> origin, TimeProvider time)
{
    /// <summary>The path of the page that a link leads to.</summary>
    public const string ResetPath = "/login/reset";

    /// <summary>Sends a link, if somebody has the address. Whoever asks learns nothing: something is written either way, and the answer is one.</summary>
    /// <param name="email">The address.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RequestResetAsync(string email, CancellationToken cancellationToken)
    {
        var normalized = normalizer.NormalizeEmail(email);
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(candidate => candidate.NormalizedEmail == normalized, cancellationToken);
        var mayWrite = await throttle.TryBeginAsync(ThrottleRule.Mail, normalized) is null;
        if (mayWrite && user is { MaySignIn: true })
        {
            AddLink(user);
        }

        audit.Add(AuditActions.PasswordResetRequested, user?.Id, outcome: (user, mayWrite) switch
        {
            (_, false) => "too-many-messages",
            (null, _) => "unknown-address",
            ({ MaySignIn: false }, _) => "locked",
            _ => AuditTrail.Success,
        });
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>The person whom a link lets choose a password, if it still works. Changes nothing.</summary>
    /// <param name="link">The link.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<User?> FindAsync(OneTimeLink link, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(link);
        var user = await db.Users.SingleOrDefaultAsync(candidate => candidate.Id == link.UserId, cancellationToken);
        return IsFor(link, user) ? user : null;
    }

    /// <summary>Uses the link: the password is the new one, and everybody who was signed in is so no more. Saves.</summary>
    /// <param name="link">The link.</param>
    /// <param name="user">The person it is for.</param>
    /// <param name="password">The new password, which the rules allow.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether the link still worked.</returns>
    public async Task<bool> ResetAsync(OneTimeLink link, User user, string password, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        var hash = await passwords.HashAsync(password, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockAsync(user, cancellationToken);
        if (!IsFor(link, user) || !await links.ConsumeAsync(link, cancellationToken))
        {
            return false;
        }

        await ApplyAsync(user, hash, except: null, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Changes the password of somebody who is signed in, or sets the first one. Every other session ends. Saves.</summary>
    /// <param name="current">Who.</param>
    /// <param name="password">The new password, which the rules allow.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False when the password, the address or the account changed while this was under way: then nothing is done.</returns>
    public async Task<bool> ChangeAsync(CurrentSession current, string password, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(current);
        var stamp = current.User.SecurityStamp;
        var hash = await passwords.HashAsync(password, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockAsync(current.User, cancellationToken);
        if (current.User.SecurityStamp != stamp || !current.User.MaySignIn)
        {
            return false;
        }

        await ApplyAsync(current.User, hash, current.Session.Id, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    // The link was sent to the address of that time. Whoever reads it may not own the account any more.
    private static bool IsFor(OneTimeLink link, [NotNullWhen(true)] User? user) => user is { MaySignIn: true } && user.Email == link.Email;

    private async Task ApplyAsync(User user, string hash, Guid? except, CancellationToken cancellationToken)
    {
        user.PasswordHash = hash;
        user.SecurityStamp = Guid.NewGuid().ToString("N");
        // Whoever read the account before writes nothing over this.
        user.ConcurrencyStamp = Guid.NewGuid().ToString();
        await links.TakeBackAsync(user.Id, LinkPurpose.ResetPassword, cancellationToken);
        await sessions.RevokeAllAsync(user, except, cancellationToken);
        audit.Add(AuditActions.PasswordChanged, user.Id, actorId: user.Id);
        if (user.Email is not null)
        {
            events.Notify(
                NotificationTemplates.PasswordChanged, user.Email, user.Language, user.Id, new Dictionary<string, string> { ["when"] = events.Now() });
        }
    }

    private void AddLink(User user)
    {
        var secret = Secrets.Create();
        var now = time.GetUtcNow();
        var lifetime = options.Value.ResetLifetime;
        db.OneTimeLinks.Add(OneTimeLink.ForUser(
            Secrets.Hash(secret), LinkPurpose.ResetPassword, user.Id, user.Email, user.Language, now, lifetime));
        events.Notify(NotificationTemplates.ResetPassword, user.Email!, user.Language, user.Id, new Dictionary<string, string>
        {
            ["link"] = origin.Value.Address($"{ResetPath}?token={secret}").ToString(),
            ["minutes"] = lifetime.TotalMinutes.ToString("0", CultureInfo.InvariantCulture),
        }, now + lifetime);
    }
}
