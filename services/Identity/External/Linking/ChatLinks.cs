using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.External.Telegram;
using BotGeneric.WebUi.Localization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.External.Linking;

/// <summary>How the use of a chat link ended.</summary>
internal enum ChatLinkOutcome
{
    /// <summary>The Telegram user is linked to the account.</summary>
    Linked,

    /// <summary>There is no such link, or it was used, or it is too old.</summary>
    Unusable,

    /// <summary>The Telegram user belongs to another account, or the account to another Telegram user.</summary>
    Conflict,
}

/// <summary>
/// The link that opens a chat with the bot and tells the bot whose account it is: made on the page of somebody who is signed in, used by the
/// Telegram service with the user id that Telegram gave it.
/// </summary>
internal sealed class ChatLinks(
    IOptions<ExternalSignInOptions> options, ExternalAccounts accounts, IdentityDbContext db, TimeProvider time)
{
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    // Tells the bot what kind of parameter it is. With the secret 45 characters of Telegram's 64.
    private const string Prefix = "l_";

    /// <summary>Whether the bot is known by name.</summary>
    internal bool IsEnabled => !string.IsNullOrEmpty(options.Value.Telegram.BotUserName);

    /// <summary>Makes a link; those made before stop working. Saves.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The address.</returns>
    internal async Task<string> CreateAsync(User user, CancellationToken cancellationToken)
    {
        var token = Prefix + Secrets.Create();
        var now = time.GetUtcNow();
        await db.OneTimeLinks
            .Where(link => link.UserId == user.Id && link.Purpose == LinkPurpose.TelegramChat && link.ConsumedAt == null)
            .ExecuteUpdateAsync(link => link.SetProperty(one => one.ConsumedAt, now), cancellationToken);
        db.OneTimeLinks.Add(OneTimeLink.ForUser(Secrets.Hash(token), LinkPurpose.TelegramChat, user.Id, email: null, PageLanguage.Current, now, Lifetime));
        await db.SaveChangesAsync(cancellationToken);
        return $"https://t.me/{options.Value.Telegram.BotUserName}?start={token}";
    }

    /// <summary>Whose account a link leads to, so that the bot can ask before it is used.</summary>
    /// <param name="token">The token.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The person; null when the link does not work.</returns>
    internal async Task<User?> FindAsync(string token, CancellationToken cancellationToken)
    {
        var (hash, now) = (Secrets.Hash(token), time.GetUtcNow());
        return await db.OneTimeLinks
            .Where(link => link.SecretHash == hash && link.Purpose == LinkPurpose.TelegramChat && link.ConsumedAt == null && link.ExpiresAt > now)
            .Join(db.Users, link => link.UserId, user => user.Id, (_, user) => user)
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>
    /// Uses a link. The link is used up and the account linked in one transaction; asked again with the same link by the same Telegram user, because the
    /// first answer was lost, it says the same again.
    /// </summary>
    /// <param name="token">The token.</param>
    /// <param name="telegramUserId">Who pressed start.</param>
    /// <param name="firstName">The name in Telegram.</param>
    /// <param name="userName">The user name in Telegram.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What came of it, and whose account it is.</returns>
    internal async Task<(ChatLinkOutcome Outcome, Guid? UserId)> UseAsync(
        string token, string telegramUserId, string? firstName, string? userName, CancellationToken cancellationToken)
    {
        var proof = TelegramProofs.Person(telegramUserId, firstName, null, userName);
        var hash = Secrets.Hash(token);
        return await accounts.ChangeAsync(
            async change =>
            {
                // A transaction that is not committed is rolled back when the context goes.
                await using var transaction = await change.Db.Database.BeginTransactionAsync(cancellationToken);
                var now = change.Time.GetUtcNow();
                var used = await change.Db.OneTimeLinks
                    .Where(link => link.SecretHash == hash && link.Purpose == LinkPurpose.TelegramChat && link.ConsumedAt == null && link.ExpiresAt > now)
                    .ExecuteUpdateAsync(link => link.SetProperty(one => one.ConsumedAt, now), cancellationToken);
                var owner = await change.Db.OneTimeLinks.AsNoTracking()
                    .Where(link => link.SecretHash == hash && link.Purpose == LinkPurpose.TelegramChat)
                    .Select(link => link.UserId)
                    .SingleOrDefaultAsync(cancellationToken);
                if (owner is not { } userId)
                {
                    return (ChatLinkOutcome.Unusable, null);
                }

                if (used == 0)
                {
                    var isDone = await change.Db.ExternalIdentities.AnyAsync(
                        identity => identity.UserId == userId && identity.Provider == proof.Provider && identity.ProviderUserId == telegramUserId, cancellationToken);
                    return isDone ? (ChatLinkOutcome.Linked, owner) : (ChatLinkOutcome.Unusable, null);
                }

                var (_, problem) = await accounts.LinkAsync(change, userId, proof, cancellationToken);
                await change.Db.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return problem is null ? (ChatLinkOutcome.Linked, owner) : (ChatLinkOutcome.Conflict, (Guid?)null);
            },
            cancellationToken);
    }
}
