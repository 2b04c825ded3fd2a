using System.Collections.Concurrent;
using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Authentication;
using BotGeneric.Messaging.Broadcasts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace BotGeneric.Gateway.Keys;

/// <summary>What became of a key.</summary>
/// <param name="Outcome">Whether it is one.</param>
/// <param name="Key">What it stands for, when it is.</param>
internal readonly record struct KeyAnswer(TokenOutcome Outcome, ResolvedKey? Key);

/// <summary>
/// Finds out what a key stands for: nothing for one whose checksum is wrong, from memory for one that was used lately, else by asking
/// Identity, once however many requests wait for it. A revocation empties the memory; an answer that was under way then is not kept.
/// </summary>
internal sealed partial class KeyResolver(
    IdentityClient identity, BroadcastState broadcasts, IOptions<KeyCacheOptions> options, TimeProvider timeProvider, ILogger<KeyResolver> logger)
{
    internal static readonly AuthenticateResult Invalid = AuthenticateResult.Fail("The key is not valid.");
    internal static readonly AuthenticateResult Expired = AuthenticateResult.Fail("The key has expired.");
    internal static readonly AuthenticateResult Unknown = AuthenticateResult.Fail("Whether the key is valid cannot be told.");

    // The service must still find the token valid when it reads it.
    private static readonly TimeSpan TokenMargin = TimeSpan.FromSeconds(10);
    private static readonly KeyAnswer Refused = new(TokenOutcome.Refused, null);
    private static readonly KeyAnswer Ended = new(TokenOutcome.Expired, null);
    private const int MaximumRounds = 3;

    private readonly ConcurrentDictionary<KeyFingerprint, Entry> _known = new();
    private readonly ConcurrentDictionary<KeyFingerprint, Entry> _refused = new();
    private readonly ConcurrentDictionary<KeyFingerprint, Lazy<Task<KeyAnswer>>> _flights = new();
    private readonly KeyCacheOptions _options = options.Value;
    private int _knownCount;
    private int _refusedCount;
    private long _generation;

    /// <summary>How many questions went to Identity.</summary>
    internal long Lookups => Interlocked.Read(ref _lookups);

    private long _lookups;

    /// <summary>What a key stands for, if that is in memory.</summary>
    internal ResolvedKey? Peek(string text) =>
        KeyFingerprint.TryCompute(text, out var fingerprint) && TryRemembered(fingerprint, out var answer) ? answer.Key : null;

    /// <summary>Answers for a key if nobody has to be asked.</summary>
    /// <returns>False when Identity would have to be asked.</returns>
    internal bool TryAnswer(string text, out KeyAnswer answer)
    {
        if (KeyFingerprint.TryCompute(text, out var fingerprint))
        {
            if (TryRemembered(fingerprint, out answer))
            {
                return true;
            }

            if (ApiKeyFormat.TryParse(text, out _))
            {
                return false;
            }
        }

        answer = Refused;
        return true;
    }

    /// <summary>Finds out what a key stands for.</summary>
    /// <param name="text">What was sent.</param>
    /// <param name="cancellationToken">Ends the waiting, not the question, which others wait for too.</param>
    internal ValueTask<KeyAnswer> ResolveAsync(string text, CancellationToken cancellationToken)
    {
        if (!KeyFingerprint.TryCompute(text, out var fingerprint))
        {
            return new ValueTask<KeyAnswer>(Refused);
        }

        if (TryRemembered(fingerprint, out var answer))
        {
            return new ValueTask<KeyAnswer>(answer);
        }

        return ApiKeyFormat.TryParse(text, out _)
            ? new ValueTask<KeyAnswer>(AskAsync(fingerprint, text, cancellationToken))
            : new ValueTask<KeyAnswer>(Refused);
    }

    /// <summary>Forgets a key.</summary>
    internal void Forget(string keyId) => ForgetWhere(key => key.Id == keyId);

    /// <summary>Forgets the keys of a person or an organization.</summary>
    internal void ForgetAccount(string account) => ForgetWhere(key => key.Account == account || key.Subject == account);

    /// <summary>Forgets everything.</summary>
    internal void ForgetEverything() => ForgetWhere(_ => true);

    private bool TryRemembered(KeyFingerprint fingerprint, out KeyAnswer answer)
    {
        var now = timeProvider.GetTimestamp();
        if (_known.TryGetValue(fingerprint, out var entry))
        {
            // Without revocations nothing that was heard before can be relied on.
            if (now < entry.Until && broadcasts.IsConnected)
            {
                answer = entry.Answer;
                return true;
            }

            Remove(fingerprint);
        }
        else if (_refused.TryGetValue(fingerprint, out var refused))
        {
            if (now < refused.Until)
            {
                answer = refused.Answer;
                return true;
            }

            RemoveRefused(fingerprint);
        }

        answer = default;
        return false;
    }

    private async Task<KeyAnswer> AskAsync(KeyFingerprint fingerprint, string text, CancellationToken cancellationToken)
    {
        for (var round = 1; ; round++)
        {
            var generation = Interlocked.Read(ref _generation);
            var mine = new Lazy<Task<KeyAnswer>>(() => FlyAsync(fingerprint, text));
            var flight = _flights.GetOrAdd(fingerprint, mine);
            var answer = await flight.Value.WaitAsync(cancellationToken);
            // Something was revoked while Identity was answering: perhaps this, perhaps after it was looked up.
            if (generation == Interlocked.Read(ref _generation) || answer.Outcome != TokenOutcome.Granted || round == MaximumRounds)
            {
                return answer;
            }
        }
    }

    private async Task<KeyAnswer> FlyAsync(KeyFingerprint fingerprint, string text)
    {
        try
        {
            var generation = Interlocked.Read(ref _generation);
            var connected = broadcasts.IsConnected;
            Interlocked.Increment(ref _lookups);
            var result = await identity.ExchangeKeyAsync(text, CancellationToken.None);
            switch (result.Outcome)
            {
                case TokenOutcome.Unavailable:
                    return new KeyAnswer(TokenOutcome.Unavailable, null);
                case TokenOutcome.Refused:
                    return RememberRefused(fingerprint, Refused);
                case TokenOutcome.Expired:
                    return RememberRefused(fingerprint, Ended);
            }

            if (ResolvedKey.Read(result.Answer!) is not { } key)
            {
                LogUnreadable(logger);
                return new KeyAnswer(TokenOutcome.Unavailable, null);
            }

            var answer = new KeyAnswer(TokenOutcome.Granted, key);
            if (connected)
            {
                Remember(fingerprint, answer, result.Answer!, generation);
            }

            return answer;
        }
        finally
        {
            _flights.TryRemove(fingerprint, out _);
        }
    }

    private void Remember(KeyFingerprint fingerprint, KeyAnswer answer, TokenAnswer token, long generation)
    {
        var lifetime = Min(_options.Lifetime, TimeSpan.FromSeconds(token.ExpiresIn) - TokenMargin);
        if (token.KeyExpiresAt is { } end)
        {
            lifetime = Min(lifetime, DateTimeOffset.FromUnixTimeSeconds(end) - timeProvider.GetUtcNow());
        }

        if (lifetime <= TimeSpan.Zero)
        {
            return;
        }

        if (Volatile.Read(ref _knownCount) >= _options.Capacity)
        {
            Sweep();
            if (Volatile.Read(ref _knownCount) >= _options.Capacity)
            {
                return;
            }
        }

        if (_known.TryAdd(fingerprint, new Entry(answer, Until(lifetime))))
        {
            Interlocked.Increment(ref _knownCount);
        }

        // Looked at after it was added: a revocation raises the generation first and looks for the entry then, so one of the two finds the other.
        if (generation != Interlocked.Read(ref _generation))
        {
            Remove(fingerprint);
        }
    }

    private KeyAnswer RememberRefused(KeyFingerprint fingerprint, KeyAnswer answer)
    {
        if (Volatile.Read(ref _refusedCount) >= _options.Capacity)
        {
            Sweep();
            if (Volatile.Read(ref _refusedCount) >= _options.Capacity)
            {
                return answer;
            }
        }

        if (_refused.TryAdd(fingerprint, new Entry(answer, Until(_options.RefusalLifetime))))
        {
            Interlocked.Increment(ref _refusedCount);
        }

        return answer;
    }

    private void ForgetWhere(Predicate<ResolvedKey> isMeant)
    {
        Interlocked.Increment(ref _generation);
        foreach (var (fingerprint, entry) in _known)
        {
            if (isMeant(entry.Answer.Key!))
            {
                Remove(fingerprint);
            }
        }

        // Later requests must not wait for an answer that was asked for before.
        _flights.Clear();
    }

    private void Sweep()
    {
        var now = timeProvider.GetTimestamp();
        foreach (var (fingerprint, entry) in _known)
        {
            if (entry.Until <= now)
            {
                Remove(fingerprint);
            }
        }

        foreach (var (fingerprint, entry) in _refused)
        {
            if (entry.Until <= now)
            {
                RemoveRefused(fingerprint);
            }
        }
    }

    private void Remove(KeyFingerprint fingerprint)
    {
        if (_known.TryRemove(fingerprint, out _))
        {
            Interlocked.Decrement(ref _knownCount);
        }
    }

    private void RemoveRefused(KeyFingerprint fingerprint)
    {
        if (_refused.TryRemove(fingerprint, out _))
        {
            Interlocked.Decrement(ref _refusedCount);
        }
    }

    private long Until(TimeSpan lifetime) =>
        timeProvider.GetTimestamp() + (long)(lifetime.TotalSeconds * timeProvider.TimestampFrequency);

    private static TimeSpan Min(TimeSpan first, TimeSpan second) => first < second ? first : second;

    [LoggerMessage(Level = LogLevel.Error, Message = "The token server's answer about a key cannot be read: key_id, account_id or allowed_networks")]
    private static partial void LogUnreadable(ILogger logger);

    private sealed record Entry(KeyAnswer Answer, long Until);
}
