using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace BotGeneric.Gateway.Session;

/// <summary>
/// Sessions in Redis, encrypted, each under a key of 256 random bits that only the cookie holds. Reading one extends its life; so nothing
/// but a refresh ever writes an existing one, and a slow request cannot put old tokens over new ones. Two indexes, by the session at
/// Identity and by the person, say what to delete when those end.
/// </summary>
internal sealed class RedisTicketStore(
    IConnectionMultiplexer redis, IDataProtectionProvider protection, IOptions<BrowserSessionOptions> options, TimeProvider timeProvider) : ITicketStore
{
    private const int KeyBytes = 32;

    private readonly IDataProtector _protector = protection.CreateProtector("BotGeneric.Gateway.Session.v1");

    /// <summary>Keeps a new session.</summary>
    public async Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        var key = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));
        var database = redis.GetDatabase();
        var since = ticket.Properties.Since().ToUnixTimeMilliseconds();
        // The indexes first: a session that no revocation finds must not exist.
        foreach (var index in Indexes(ticket))
        {
            await database.SortedSetAddAsync(index, key, since);
            await database.KeyExpireAsync(index, options.Value.AbsoluteLifetime + options.Value.IdleTimeout);
        }

        await database.StringSetAsync(Name(key), Protect(key, ticket), options.Value.IdleTimeout);
        return key;
    }

    /// <summary>Reads a session and extends its life.</summary>
    public async Task<AuthenticationTicket?> RetrieveAsync(string key)
    {
        var value = await redis.GetDatabase().StringGetSetExpiryAsync(Name(key), options.Value.IdleTimeout);
        return value.IsNull ? null : Unprotect(key, value!);
    }

    /// <summary>Writes a session that still exists.</summary>
    public async Task RenewAsync(string key, AuthenticationTicket ticket) => await TryReplaceAsync(key, ticket);

    /// <summary>Writes a session if it still exists.</summary>
    /// <returns>False when it was ended meanwhile: it stays ended.</returns>
    internal Task<bool> TryReplaceAsync(string key, AuthenticationTicket ticket) =>
        redis.GetDatabase().StringSetAsync(Name(key), Protect(key, ticket), options.Value.IdleTimeout, When.Exists);

    /// <summary>Ends a session.</summary>
    public Task RemoveAsync(string key) => redis.GetDatabase().KeyDeleteAsync(Name(key));

    /// <summary>Ends every session that belongs to one at Identity.</summary>
    internal Task RemoveSessionAsync(string session) => RemoveAsync(SessionIndex(session), DateTimeOffset.MaxValue);

    /// <summary>Ends the sessions that a person had begun by a moment.</summary>
    internal Task RemoveSubjectAsync(string subject, DateTimeOffset upTo) => RemoveAsync(SubjectIndex(subject), upTo);

    private async Task RemoveAsync(string index, DateTimeOffset upTo)
    {
        var database = redis.GetDatabase();
        var limit = upTo == DateTimeOffset.MaxValue ? double.PositiveInfinity : upTo.ToUnixTimeMilliseconds();
        foreach (var key in await database.SortedSetRangeByScoreAsync(index, double.NegativeInfinity, limit))
        {
            await database.KeyDeleteAsync(Name(key!));
            await database.SortedSetRemoveAsync(index, key);
        }
    }

    private byte[] Protect(string key, AuthenticationTicket ticket) =>
        _protector.CreateProtector(key).Protect(TicketSerializer.Default.Serialize(ticket));

    private AuthenticationTicket? Unprotect(string key, byte[] value)
    {
        try
        {
            // The key is part of the purpose: a ticket that somebody copied to another key does not open there.
            var ticket = TicketSerializer.Default.Deserialize(_protector.CreateProtector(key).Unprotect(value));
            if (ticket?.Properties.ExpiresUtc <= timeProvider.GetUtcNow())
            {
                return null;
            }

            ticket?.Properties.SetKey(key);
            return ticket;
        }
        catch (CryptographicException)
        {
            // The key ring was lost or the value is damaged: the person signs in again.
            return null;
        }
    }

    private static IEnumerable<string> Indexes(AuthenticationTicket ticket)
    {
        if (ticket.Principal.FindFirst("sid")?.Value is { Length: > 0 } session)
        {
            yield return SessionIndex(session);
        }

        if (ticket.Principal.FindFirst("sub")?.Value is { Length: > 0 } subject)
        {
            yield return SubjectIndex(subject);
        }
    }

    private static string Name(string key) => $"session:{key}";

    private static string SessionIndex(string session) => $"session-sid:{Canonical(session)}";

    private static string SubjectIndex(string subject) => $"session-sub:{Canonical(subject)}";

    private static string Canonical(string id) => Guid.TryParse(id, out var guid) ? guid.ToString("D") : id;
}
