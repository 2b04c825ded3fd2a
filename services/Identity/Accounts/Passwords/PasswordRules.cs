using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Accounts.Passwords;

/// <summary>Why a password is refused.</summary>
public enum PasswordFault
{
    /// <summary>It has fewer characters than the least.</summary>
    TooShort,

    /// <summary>It has more characters than the most.</summary>
    TooLong,

    /// <summary>It is one of those that everybody tries first.</summary>
    Common,

    /// <summary>It is the person's address or name, or the product's name, or little more.</summary>
    Personal,

    /// <summary>It is known from a breach.</summary>
    Breached,
}

/// <summary>
/// What a password must be: long enough, and not known to whoever guesses. No rule about kinds of characters, which make passwords worse
/// (NIST SP 800-63B, 3.1.1.2).
/// </summary>
public sealed class PasswordRules(BreachedPasswords breached, IOptions<PasswordSettings> options)
{
    // A part of a name this short says nothing about a password.
    private const int ShortestName = 4;

    // What may stand around a name without making it a password: "anna.kovalenko2026!".
    private const int LongestTrimming = 5;
    private static readonly string[] ProductNames = ["bot-generic", "botgeneric", "bot generic"];

    /// <summary>The shortest password, in Unicode characters.</summary>
    public int MinimumLength => options.Value.MinimumLength;

    /// <summary>Looks at a password.</summary>
    /// <param name="password">The password.</param>
    /// <param name="email">The person's address, if known.</param>
    /// <param name="displayName">The person's name, if known.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Why it is refused, or null.</returns>
    public async Task<PasswordFault?> CheckAsync(string? password, string? email, string? displayName, CancellationToken cancellationToken)
    {
        var length = password?.EnumerateRunes().Count() ?? 0;
        if (length < MinimumLength)
        {
            return PasswordFault.TooShort;
        }

        if (length > PasswordSettings.MaximumLength)
        {
            return PasswordFault.TooLong;
        }

        if (CommonPasswords.Contains(password!))
        {
            return PasswordFault.Common;
        }

        if (IsPersonal(password!, email, displayName))
        {
            return PasswordFault.Personal;
        }

        return await breached.ContainsAsync(password!, cancellationToken) ? PasswordFault.Breached : null;
    }

    private static bool IsPersonal(string password, string? email, string? displayName)
    {
        var folded = CommonPasswords.Fold(password);
        return ProductNames
            .Append(email)
            .Append(email?.Split('@')[0])
            .Append(displayName)
            .Append(displayName?.Replace(" ", string.Empty, StringComparison.Ordinal))
            .Where(name => name is { Length: >= ShortestName })
            .Select(name => CommonPasswords.Fold(name!))
            .Any(name => folded.Contains(name, StringComparison.Ordinal) && folded.Length - name.Length <= LongestTrimming);
    }
}
