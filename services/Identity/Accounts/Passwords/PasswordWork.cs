using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Accounts.Passwords;

/// <summary>How a password compares with a stored hash.</summary>
public enum PasswordMatch
{
    /// <summary>Another password, or there is none.</summary>
    No,

    /// <summary>The password.</summary>
    Yes,

    /// <summary>The password, with a hash that is weaker than what is configured now: store a new one.</summary>
    YesButWeak,
}

/// <summary>
/// Hashes and checks passwords, a bounded number at a time. A password costs a tenth of a second of a core; without a bound, a crowd at the
/// door (or one attacker) takes every core from those who are inside.
/// </summary>
public sealed class PasswordWork : IDisposable
{
    /// <summary>The meter of the counters below.</summary>
    public const string MeterName = "BotGeneric.Identity.Passwords";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Done = Meter.CreateCounter<long>("identity.passwords.worked_on", "{password}");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("identity.passwords.refused", "{password}", "Too many at once");
    private static readonly User Nobody = new();

    private readonly IPasswordHasher<User> _hasher;
    private readonly TimeSpan _maximumWait;
    private readonly SemaphoreSlim _places;
    private readonly string _nobodysHash;

    /// <summary>The work, with the configured bounds.</summary>
    /// <param name="hasher">What hashes.</param>
    /// <param name="options">The bounds.</param>
    public PasswordWork(IPasswordHasher<User> hasher, IOptions<PasswordSettings> options)
    {
        ArgumentNullException.ThrowIfNull(hasher);
        ArgumentNullException.ThrowIfNull(options);
        _hasher = hasher;
        _maximumWait = options.Value.MaximumWait;
        _places = new SemaphoreSlim(options.Value.Concurrency ?? Math.Max(1, Environment.ProcessorCount - 1));
        _nobodysHash = hasher.HashPassword(Nobody, Secrets.Create());
    }

    /// <summary>Hashes a password.</summary>
    /// <param name="password">The password.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>What is stored.</returns>
    /// <exception cref="PasswordWorkBusyException">The queue is too long.</exception>
    public Task<string> HashAsync(string password, CancellationToken cancellationToken) =>
        InTurnAsync(() => _hasher.HashPassword(Nobody, Prepared(password)), cancellationToken);

    /// <summary>
    /// Checks a password. Where there is no hash (nobody has the address, or the person has no password) another one is checked all
    /// the same, so that the time says nothing.
    /// </summary>
    /// <param name="hash">The stored hash, or null.</param>
    /// <param name="password">What was typed.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="PasswordWorkBusyException">The queue is too long.</exception>
    public async Task<PasswordMatch> VerifyAsync(string? hash, string password, CancellationToken cancellationToken)
    {
        var result = await InTurnAsync(
            () => _hasher.VerifyHashedPassword(Nobody, hash ?? _nobodysHash, Prepared(password)), cancellationToken);
        return (hash, result) switch
        {
            (null, _) or (_, PasswordVerificationResult.Failed) => PasswordMatch.No,
            (_, PasswordVerificationResult.SuccessRehashNeeded) => PasswordMatch.YesButWeak,
            _ => PasswordMatch.Yes,
        };
    }

    /// <inheritdoc />
    public void Dispose() => _places.Dispose();

    private async Task<T> InTurnAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        if (!await _places.WaitAsync(_maximumWait, cancellationToken))
        {
            Refused.Add(1);
            throw new PasswordWorkBusyException();
        }

        try
        {
            Done.Add(1);
            return work();
        }
        finally
        {
            _places.Release();
        }
    }

    // The same characters typed on another keyboard can be other code points (NIST SP 800-63B, 3.1.1.2).
    private static string Prepared(string password) => password.IsNormalized(NormalizationForm.FormKC) ? password : password.Normalize(NormalizationForm.FormKC);
}

/// <summary>More passwords wait than can be worked on soon. Answered with 429.</summary>
public sealed class PasswordWorkBusyException() : Exception("Too many passwords wait to be checked.")
{
    /// <summary>After how many seconds to come back.</summary>
    public const int RetryAfterSeconds = 5;
}
