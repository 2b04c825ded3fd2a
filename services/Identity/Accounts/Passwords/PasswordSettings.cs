using System.ComponentModel.DataAnnotations;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Identity.Accounts.Passwords;

/// <summary>Keys under <c>Passwords</c>.</summary>
public sealed class PasswordSettings
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Passwords";

    /// <summary>The longest password, in Unicode characters. NIST SP 800-63B asks for at least 64.</summary>
    public const int MaximumLength = 128;

    /// <summary>The shortest password that is accepted, in Unicode characters. Not below 8 (NIST SP 800-63B, 3.1.1.2).</summary>
    [Range(8, 64)]
    public int MinimumLength { get; set; } = 10;

    /// <summary>Iterations of PBKDF2-HMAC-SHA512. 210,000 is OWASP's figure; a stored hash with fewer is renewed at the next sign-in.</summary>
    [Range(1_000, 10_000_000)]
    public int Iterations { get; set; } = 210_000;

    /// <summary>How many passwords are worked on at a time; null: one fewer than there are cores, at least one.</summary>
    [Range(1, 256)]
    public int? Concurrency { get; set; }

    /// <summary>How long a password waits for its turn before the answer is "later".</summary>
    [DurationRange("00:00:00.010", "00:00:30")]
    public TimeSpan MaximumWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A service with the range interface of Have I Been Pwned, to which five characters of a hash are sent; null: only the list that
    /// ships with the service is asked. Such as <c>https://api.pwnedpasswords.com/range/</c>.
    /// </summary>
    public Uri? RangeService { get; set; }
}
