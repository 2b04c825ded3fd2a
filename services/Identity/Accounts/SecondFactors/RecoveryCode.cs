using System.Security.Cryptography;

namespace BotGeneric.Identity.Accounts.SecondFactors;

/// <summary>
/// A code that stands in for the authenticator once. It has 120 random bits, so that a fast hash of it is safe to store (OWASP ASVS 5.0, 6.5.2), and an
/// alphabet in which no two characters look alike (Crockford's base32).
/// </summary>
public static class RecoveryCode
{
    /// <summary>How many a person gets at a time.</summary>
    public const int Count = 10;

    private const int Length = 24;
    private const int GroupLength = 4;
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>A new code, in groups of four.</summary>
    public static string Create() =>
        string.Join('-', RandomNumberGenerator.GetString(Alphabet, Length).Chunk(GroupLength).Select(group => new string(group)));

    /// <summary>What is stored of a code, 64 hexadecimal digits; null for what cannot be one.</summary>
    /// <param name="code">What was typed, in whatever case and grouping.</param>
    public static string? Hash(string? code)
    {
        if (code is not { Length: <= 100 })
        {
            return null;
        }

        var plain = new string([.. code.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit).Select(Read)]);
        return plain.Length == Length ? Convert.ToHexString(Secrets.Hash(plain)) : null;
    }

    private static char Read(char character) => character switch
    {
        'O' => '0',
        'I' or 'L' => '1',
        _ => character,
    };
}
