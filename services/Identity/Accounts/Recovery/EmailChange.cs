using System.Globalization;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Accounts.Links;
using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using BotGeneric.Identity.Sessions;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Identity.Accounts.Recovery;

/// <summary>Moving an account to another address, or giving it its first one.</summary>
public sealed class EmailChange(
    IdentityDbContext db, OneTimeLinks links, SignInThrottle throttle, ILookupNormalizer normalizer, IdentityEvents events, AuditTrail audit,
    IOptions<AccountOptions> options, IOptions<OriginOptions> origin, TimeProvider time)
{
    /// <summary>The path of the page that a link leads to.</summary>
    public const string ConfirmPath = "/account/email/confirm";

    /// <summary>
    /// Sends a link to the new address. Where somebody else has it, nothing is sent and the answer is the same: it would tell one person of the
    /// other's account. Saves.
    /// </summary>
    /// <param name="current">Who.</param>
    /// <param name="email">The new address.</param>
    /// <param name="language">The language of the page.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RequestAsync(CurrentSession current, string email, string language, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(current);
        var user = current.User;
        var normalized = normalizer.NormalizeEmail(email);
        var isTaken = await db.Users.AnyAsync(candidate => candidate.NormalizedEmail == normalized, cancellationToken);
        var mayWrite = await throttle.TryBeginAsync(ThrottleRule.Mail, normalized) is null;
        // One change at a time: the newest counts.
        await links.TakeBackAsync(user.Id, LinkPurpose.ChangeEmail, cancellationToken);
        if (!isTaken && mayWrite)
        {
            var secret = Secrets.Create();
            var now = time.GetUtcNow();
            var lifetime = options.Value.EmailChangeLifetime;
            db.OneTimeLinks.Add(OneTimeLink.ForUser(Secrets.Hash(secret), LinkPurpose.ChangeEmail, user.Id, email, language, now, lifetime));
            events.Notify(NotificationTemplates.ConfirmNewEmail, email, language, user.Id, new Dictionary<string, string>
            {
                ["link"] = origin.Value.Address($"{ConfirmPath}?token={secret}").ToString(),
                ["hours"] = lifetime.TotalHours.ToString("0", CultureInfo.InvariantCulture),
            }, now + lifetime);
        }

        audit.Add(
            AuditActions.EmailChangeRequested, user.Id, actorId: user.Id,
            outcome: isTaken ? "address-taken" : mayWrite ? AuditTrail.Success : "too-many-messages");
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Uses the link: the account has the new address, and the old one is told. Saves.</summary>
    /// <param name="link">The link.</param>
    /// <param name="user">The person it is for, who is signed in.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False when the link works no more, or somebody else has the address meanwhile.</returns>
    public async Task<bool> ConfirmAsync(OneTimeLink link, User user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(user);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockUserAsync(user.Id, cancellationToken);
        if (!await links.ConsumeAsync(link, cancellationToken))
        {
            return false;
        }

        var before = user.Email;
        user.Email = link.Email;
        user.NormalizedEmail = normalizer.NormalizeEmail(link.Email);
        user.EmailConfirmed = true;
        user.SecurityStamp = Guid.NewGuid().ToString("N");
        // Those were sent to an address that may be somebody else's by now.
        await links.TakeBackAsync(user.Id, LinkPurpose.ResetPassword, cancellationToken);
        events.Updated(user);
        audit.Add(AuditActions.EmailChanged, user.Id, actorId: user.Id);
        if (before is not null)
        {
            events.Notify(NotificationTemplates.EmailChanged, before, user.Language, user.Id, new Dictionary<string, string>
            {
                ["when"] = events.Now(),
                ["newAddress"] = EmailAddress.Mask(link.Email!),
            });
        }

        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return false;
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
