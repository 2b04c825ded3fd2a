using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace BotGeneric.ServiceDefaults.Authentication;

/// <summary>
/// Access tokens that this process has validated a moment ago, so that their signature is not checked again for each request. A token is found by its
/// whole text, for at most <see cref="Lifetime"/>, never past its expiry, and only as long as the issuer's keys are those that it was validated with.
/// </summary>
/// <remarks>
/// Two generations instead of an order of use: tokens are added to the younger one; when that is full, or as old as an entry can become, the older one
/// is dropped. So it is bounded whatever arrives, and reading takes no lock. Only a token that is good gets in: forged ones displace nothing.
/// </remarks>
internal sealed class ValidatedTokens
{
    /// <summary>How long a token is believed without another look.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly int _capacity;
    private readonly Lock _lock = new();
    private volatile Generation _younger = new(DateTimeOffset.MinValue);
    private volatile Generation _older = new(DateTimeOffset.MinValue);

    public ValidatedTokens(IOptions<ApiAuthenticationOptions> options) => _capacity = options.Value.RememberedTokens;

    /// <summary>How many tokens are held.</summary>
    internal int Count => _younger.Tokens.Count + _older.Tokens.Count;

    /// <summary>Looks for a token.</summary>
    /// <param name="token">Its text.</param>
    /// <param name="keys">The issuer's keys as they are now.</param>
    /// <param name="now">The present moment.</param>
    /// <returns>What it says; null when it has to be validated.</returns>
    internal ValidatedIdentity? Find(ReadOnlySpan<char> token, OpenIdConnectConfiguration keys, DateTimeOffset now)
    {
        var found = _younger.ByText.TryGetValue(token, out var entry) || _older.ByText.TryGetValue(token, out entry);
        return found && entry!.Keys == keys && now < entry.Until ? entry.Identity : null;
    }

    /// <summary>Remembers a token that has been found good.</summary>
    /// <param name="token">Its text.</param>
    /// <param name="identity">What it says.</param>
    /// <param name="keys">The issuer's keys from before it was validated: if they have changed since, it will not be found.</param>
    /// <param name="expires">When it ends.</param>
    /// <param name="now">The present moment.</param>
    internal void Add(string token, ValidatedIdentity identity, OpenIdConnectConfiguration keys, DateTimeOffset expires, DateTimeOffset now)
    {
        if (_capacity == 0)
        {
            return;
        }

        var until = now + Lifetime;
        var entry = new Entry(identity, keys, expires < until ? expires : until);
        lock (_lock)
        {
            if (_younger.Size >= Math.Max(_capacity / 2, 1) || now - _younger.Began >= Lifetime)
            {
                _older = _capacity > 1 ? _younger : new Generation(now);
                _younger = new Generation(now);
            }

            if (_younger.Tokens.TryAdd(token, entry))
            {
                _younger.Size++;
            }
            else
            {
                _younger.Tokens[token] = entry;
            }
        }
    }

    private sealed record Entry(ValidatedIdentity Identity, OpenIdConnectConfiguration Keys, DateTimeOffset Until);

    private sealed class Generation
    {
        public Generation(DateTimeOffset began)
        {
            Began = began;
            Tokens = new ConcurrentDictionary<string, Entry>(new WholeText());
            ByText = Tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public DateTimeOffset Began { get; }

        // The dictionary's own count takes all its locks. This one is changed under the lock of the whole.
        public int Size { get; set; }

        public ConcurrentDictionary<string, Entry> Tokens { get; }

        public ConcurrentDictionary<string, Entry>.AlternateLookup<ReadOnlySpan<char>> ByText { get; }
    }

    /// <summary>Compares whole texts, but hashes only the end, which is the signature's and unlike any other's: a kilobyte takes longer to hash than to compare.</summary>
    private sealed class WholeText : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<char>, string>
    {
        private const int Hashed = 24;

        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

        public int GetHashCode(string token) => GetHashCode(token.AsSpan());

        public bool Equals(ReadOnlySpan<char> alternate, string other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<char> alternate) => string.GetHashCode(alternate[^Math.Min(Hashed, alternate.Length)..]);

        public string Create(ReadOnlySpan<char> alternate) => alternate.ToString();
    }
}
