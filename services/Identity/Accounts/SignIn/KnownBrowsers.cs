using System.Globalization;
using System.Net;
using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Accounts.SignIn;

/// <summary>
/// Remembers with which browsers a person signed in, by a secret in a long-lived cookie whose hash is kept with the account. It opens nothing;
/// it tells a new place from a usual one, and an owner from a stranger who guesses.
/// </summary>
public sealed class KnownBrowsers(IdentityDbContext db, TimeProvider time)
{
    private const string CookieName = "browser";
    private const string Provider = "browser";
    private const int SessionsCompared = 50;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(400);

    /// <summary>The key under which attempts of this browser are counted, if the person signed in with it before.</summary>
    /// <param name="context">The request.</param>
    /// <param name="userId">The person; somebody who does not exist has no known browser.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>A key, or null.</returns>
    public async Task<string?> KeyIfKnownAsync(HttpContext context, Guid userId, CancellationToken cancellationToken)
    {
        if (SecretCookies.Read(context, CookieName) is not { Length: > 0 and <= 100 } secret)
        {
            return null;
        }

        var name = Name(secret);
        return await db.UserTokens.AnyAsync(
            token => token.UserId == userId && token.LoginProvider == Provider && token.Name == name, cancellationToken)
            ? $"{userId}:{name}"
            : null;
    }

    /// <summary>Remembers the browser of the request. Writes at once.</summary>
    /// <param name="context">The request.</param>
    /// <param name="user">Who signs in.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>
    /// Whether the person should be told: the browser was not seen before, and neither was a browser of its kind from the same network. Not for
    /// the first sign-in of all.
    /// </returns>
    public async Task<bool> RememberAsync(HttpContext context, User user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(user);
        var now = time.GetUtcNow();
        var secret = SecretCookies.Read(context, CookieName) is { Length: > 0 and <= 100 } sent ? sent : Secrets.Create();
        var name = Name(secret);
        var browsers = await db.UserTokens.AsNoTracking()
            .Where(token => token.UserId == user.Id && token.LoginProvider == Provider).ToListAsync(cancellationToken);
        var isNew = !browsers.Exists(token => token.Name == name) && await IsNewPlaceAsync(context, user.Id, cancellationToken);
        // At once and by itself: of two sign-ins in one browser at the same moment none is refused because of the other.
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO user_tokens (user_id, login_provider, name, value) VALUES ({user.Id}, {Provider}, {name}, {now.ToString("O", CultureInfo.InvariantCulture)})
            ON CONFLICT (user_id, login_provider, name) DO UPDATE SET value = excluded.value
            """,
            cancellationToken);
        var old = browsers.Where(token => token.Name != name && DateTimeOffset.Parse(token.Value!, CultureInfo.InvariantCulture) < now - Lifetime)
            .Select(token => token.Name).ToList();
        if (old.Count > 0)
        {
            await db.UserTokens.Where(token => token.UserId == user.Id && token.LoginProvider == Provider && old.Contains(token.Name))
                .ExecuteDeleteAsync(cancellationToken);
        }

        SecretCookies.Write(context, CookieName, secret, Lifetime);
        return isNew;
    }

    private static string Name(string secret) => Convert.ToHexString(Secrets.Hash(secret));

    private async Task<bool> IsNewPlaceAsync(HttpContext context, Guid userId, CancellationToken cancellationToken)
    {
        var places = await db.Sessions
            .Where(session => session.UserId == userId && session.ActorId == null && session.ClientId == null)
            .OrderByDescending(session => session.Id)
            .Take(SessionsCompared)
            .Select(session => new { session.IpAddress, session.UserAgent })
            .ToListAsync(cancellationToken);
        var here = (BrowserName.Of(context.Request.Headers.UserAgent.ToString()), Network(context.Connection.RemoteIpAddress));
        return places.Count > 0 && !places.Any(place =>
            (BrowserName.Of(place.UserAgent), Network(IPAddress.TryParse(place.IpAddress, out var address) ? address : null)) == here);
    }

    // IPv4 customers move within a /24, IPv6 customers have a /64.
    private static string Network(IPAddress? address)
    {
        var key = SignInThrottle.KeyOf(address);
        var dot = key.LastIndexOf('.');
        return dot < 0 ? key : key[..dot];
    }
}
