using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.External.Telegram;
using BotGeneric.Identity.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.External.Linking;

/// <summary>How a Telegram user who brought a chat link stands to its account.</summary>
internal enum ChatLinkOutcome
{
    /// <summary>The page that made the link asks its person now.</summary>
    Asked,

    /// <summary>The Telegram user is linked to the account.</summary>
    Linked,

    /// <summary>There is no such link, or it was used, or another Telegram user came first, or it is too old.</summary>
    Unusable,

    /// <summary>The Telegram user belongs to another account, or the account to another Telegram user.</summary>
    Conflict,
}

/// <summary>
/// The link that opens a chat with the bot and tells the bot whose account it is: made on the page of somebody who is signed in, brought by a Telegram user
/// whom the Telegram service names, and agreed to on that page, which shows who it was.
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
    /// <param name="current">Whose, and the session in which it will be agreed to.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The address.</returns>
    internal async Task<string> CreateAsync(CurrentSession current, CancellationToken cancellationToken)
    {
        var token = Prefix + Secrets.Create();
        var now = time.GetUtcNow();
        await db.ChatLinks
            .Where(link => link.UserId == current.User.Id && link.ConsumedAt == null)
            .ExecuteUpdateAsync(link => link.SetProperty(one => one.ConsumedAt, now), cancellationToken);
        db.ChatLinks.Add(ChatLink.Make(Secrets.Hash(token), current.Session, now, Lifetime));
        await db.SaveChangesAsync(cancellationToken);
        var telegram = options.Value.Telegram;
        return $"{telegram.ChatUrl.AbsoluteUri.TrimEnd('/')}/{telegram.BotUserName}?start={token}";
    }

    /// <summary>Whose account a link leads to, so that the bot can ask its user before it says who that is.</summary>
    /// <param name="token">The token.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The person; null when the link does not work.</returns>
    internal async Task<User?> FindOwnerAsync(string token, CancellationToken cancellationToken)
    {
        var (hash, now) = (Secrets.Hash(token), time.GetUtcNow());
        return await db.ChatLinks
            .Where(link => link.SecretHash == hash && link.ConsumedAt == null && link.ExpiresAt > now)
            .Join(db.Users, link => link.UserId, user => user.Id, (_, user) => user)
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>
    /// Notes who brought a link. The first Telegram user is the only one; asked again with the same link by the same one, because the first answer was
    /// lost or to learn what came of it, it says how it stands.
    /// </summary>
    /// <param name="token">The token.</param>
    /// <param name="telegramUserId">Who pressed start.</param>
    /// <param name="firstName">The name in Telegram.</param>
    /// <param name="userName">The user name in Telegram.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How it stands, and whose account it is once they are linked.</returns>
    internal async Task<(ChatLinkOutcome Outcome, Guid? UserId)> AskAsync(
        string token, string telegramUserId, string? firstName, string? userName, CancellationToken cancellationToken)
    {
        var (hash, now) = (Secrets.Hash(token), time.GetUtcNow());
        if (await db.ChatLinks.AsNoTracking().SingleOrDefaultAsync(link => link.SecretHash == hash, cancellationToken) is not { } link)
        {
            return (ChatLinkOutcome.Unusable, null);
        }

        var standing = await db.ExternalIdentities.AsNoTracking()
            .Where(identity => identity.Provider == IdentityProviders.Telegram
                && (identity.ProviderUserId == telegramUserId || (identity.UserId == link.UserId && identity.ProviderUserId != null)))
            .ToListAsync(cancellationToken);
        if (link.TelegramUserId == telegramUserId && standing is [var own] && own.UserId == link.UserId && own.ProviderUserId == telegramUserId)
        {
            return (ChatLinkOutcome.Linked, link.UserId);
        }

        if (link.ConsumedAt is not null || link.ExpiresAt <= now)
        {
            return (ChatLinkOutcome.Unusable, null);
        }

        if (standing.Count > 0)
        {
            return (ChatLinkOutcome.Conflict, null);
        }

        var (name, account) = (ExternalProof.CleanName(firstName), ExternalProof.CleanName(userName));
        var asked = await db.ChatLinks
            .Where(one => one.Id == link.Id && one.ConsumedAt == null && one.ExpiresAt > now && (one.TelegramUserId == null || one.TelegramUserId == telegramUserId))
            .ExecuteUpdateAsync(
                one => one.SetProperty(it => it.TelegramUserId, telegramUserId).SetProperty(it => it.TelegramName, name).SetProperty(it => it.TelegramUserName, account),
                cancellationToken);
        return (asked == 1 ? ChatLinkOutcome.Asked : ChatLinkOutcome.Unusable, null);
    }

    /// <summary>The link that waits in a session.</summary>
    /// <param name="current">The session.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Null: none waits any more.</returns>
    internal Task<ChatLink?> FindAsync(CurrentSession current, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return db.ChatLinks.AsNoTracking()
            .Where(link => link.SessionId == current.Session.Id && link.UserId == current.User.Id && link.ConsumedAt == null && link.ExpiresAt > now)
            .OrderByDescending(link => link.Id)
            .FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Agrees: the link is used up and the Telegram user who was shown is linked, in one transaction.</summary>
    /// <param name="current">The session in which the link was made.</param>
    /// <param name="linkId">The link that the page showed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What stands against it; null: it is done.</returns>
    internal Task<ExternalProblem?> ConfirmAsync(CurrentSession current, Guid linkId, CancellationToken cancellationToken) => accounts.ChangeAsync(
        async change =>
        {
            // A transaction that is not committed is rolled back when the context goes.
            await using var transaction = await change.Db.Database.BeginTransactionAsync(cancellationToken);
            var now = change.Time.GetUtcNow();
            var used = await Mine(change.Db, current, linkId)
                .Where(link => link.TelegramUserId != null && link.ExpiresAt > now)
                .ExecuteUpdateAsync(link => link.SetProperty(one => one.ConsumedAt, now), cancellationToken);
            if (used == 0)
            {
                return ExternalProblem.Expired;
            }

            var link = await change.Db.ChatLinks.AsNoTracking().SingleAsync(one => one.Id == linkId, cancellationToken);
            var proof = TelegramProofs.Person(link.TelegramUserId!, link.TelegramName, null, link.TelegramUserName);
            var (_, problem) = await accounts.LinkAsync(change, current.User.Id, proof, cancellationToken);
            await change.Db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return problem;
        },
        cancellationToken);

    /// <summary>Declines; the link works no more. Declining what is over changes nothing.</summary>
    /// <param name="current">The session in which the link was made.</param>
    /// <param name="linkId">The link.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal Task DeclineAsync(CurrentSession current, Guid linkId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return Mine(db, current, linkId).ExecuteUpdateAsync(link => link.SetProperty(one => one.ConsumedAt, now), cancellationToken);
    }

    private static IQueryable<ChatLink> Mine(IdentityDbContext db, CurrentSession current, Guid linkId)
    {
        var (session, user) = (current.Session.Id, current.User.Id);
        return db.ChatLinks.Where(link => link.Id == linkId && link.SessionId == session && link.UserId == user && link.ConsumedAt == null);
    }
}
