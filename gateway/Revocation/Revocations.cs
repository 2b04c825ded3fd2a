using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Claims;
using BotGeneric.Contracts.Identity;

namespace BotGeneric.Gateway.Revocation;

/// <summary>
/// What was revoked or changed lately. An access token is valid until it expires wherever it is looked at alone; for that long the gateway
/// remembers which ones it must not let pass, or must exchange first. What is older has expired by itself.
/// </summary>
/// <param name="timeProvider">The clock.</param>
internal sealed class Revocations(TimeProvider timeProvider)
{
    // Tokens live 5 minutes, at most 10, see docs/architecture.md.
    internal static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Everything of a person up to a moment.</summary>
    internal void User(Guid user, DateTimeOffset upTo) => Add($"sub:{user:D}", upTo);

    /// <summary>A session, whatever its age.</summary>
    internal void Session(Guid session) => Add($"sid:{session:D}", DateTimeOffset.MaxValue);

    /// <summary>The tokens of a key up to a moment.</summary>
    internal void Key(string keyId, DateTimeOffset upTo) => Add($"key:{keyId}", upTo);

    /// <summary>What a session's tokens say was changed: those that were asked for up to now are out of date.</summary>
    internal void Change(Guid session) => Add($"old:{session:D}", timeProvider.GetUtcNow());

    /// <summary>Whether a session's token says something that is not so any more.</summary>
    /// <param name="session">The session's id at Identity.</param>
    /// <param name="asked">When the token was asked for, by this system's gateways' clock.</param>
    internal bool IsOutdated(string? session, DateTimeOffset asked) => !_entries.IsEmpty && Covers("old:", session, asked);

    /// <summary>Whether a session is revoked.</summary>
    /// <param name="subject">Whose it is.</param>
    /// <param name="session">Its id at Identity.</param>
    /// <param name="since">When the person signed in.</param>
    internal bool CoverSession(string? subject, string? session, DateTimeOffset since) =>
        !_entries.IsEmpty && (Covers("sid:", session, since) || Covers("sub:", subject, since));

    /// <summary>Whether an access token is revoked.</summary>
    /// <param name="token">Its claims.</param>
    internal bool CoverToken(ClaimsPrincipal token)
    {
        if (_entries.IsEmpty)
        {
            return false;
        }

        // iat is in whole seconds: what was issued in the second of a revocation counts as issued before it.
        var issued = long.TryParse(token.FindFirst("iat")?.Value, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : DateTimeOffset.MinValue;
        return CoverSession(token.FindFirst("sub")?.Value, token.FindFirst("sid")?.Value, issued)
            || Covers("key:", token.FindFirst(ApiClaims.KeyId)?.Value, issued);
    }

    private bool Covers(string kind, string? id, DateTimeOffset since)
    {
        if (string.IsNullOrEmpty(id))
        {
            return false;
        }

        var name = kind + (Guid.TryParse(id, out var guid) ? guid.ToString("D") : id);
        return _entries.TryGetValue(name, out var entry) && since <= entry.UpTo;
    }

    private void Add(string name, DateTimeOffset upTo)
    {
        var now = timeProvider.GetUtcNow();
        _entries.AddOrUpdate(
            name,
            _ => new Entry(upTo, now + Memory),
            (_, known) => new Entry(known.UpTo > upTo ? known.UpTo : upTo, now + Memory));
        foreach (var (old, _) in _entries.Where(entry => entry.Value.Until <= now))
        {
            _entries.TryRemove(old, out _);
        }
    }

    private sealed record Entry(DateTimeOffset UpTo, DateTimeOffset Until);
}
