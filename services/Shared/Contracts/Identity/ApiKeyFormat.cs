using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace BotGeneric.Contracts.Identity;

/// <summary>
/// The form of an API key: <c>bg_live_&lt;8 id&gt;_&lt;32 secret&gt;&lt;6 checksum&gt;</c>, all base62. The prefix lets scanners of source code find a
/// leaked key; the checksum (CRC-32 of everything before it, as GitHub's tokens have it) tells a mistyped or invented key without looking
/// anywhere; the id is what a key is looked up by; the secret has 190 bits and is stored as a hash only.
/// </summary>
public static class ApiKeyFormat
{
    /// <summary>What every key begins with.</summary>
    public const string Prefix = "bg_live_";

    /// <summary>Characters of the id.</summary>
    public const int IdLength = 8;

    /// <summary>Characters of a whole key.</summary>
    public const int Length = 8 + IdLength + 1 + SecretLength + ChecksumLength;

    private const int SecretLength = 32;
    private const int ChecksumLength = 6;
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const uint Polynomial = 0xEDB88320;

    /// <summary>A new key.</summary>
    public static string Generate()
    {
        var start = $"{Prefix}{RandomNumberGenerator.GetString(Alphabet, IdLength)}_{RandomNumberGenerator.GetString(Alphabet, SecretLength)}";
        return start + Checksum(start);
    }

    /// <summary>Whether the text is a key in form, and its id.</summary>
    /// <param name="text">What was sent.</param>
    /// <param name="id">The id, when it is one.</param>
    /// <returns>False for anything that no issued key can be. No database needs to be asked then.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out string? id)
    {
        id = null;
        if (text is not { Length: Length } || !text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length + IdLength] != '_'
            || !text.AsSpan(Prefix.Length, IdLength).ContainsOnly(Alphabet) || !text.AsSpan(Prefix.Length + IdLength + 1).ContainsOnly(Alphabet))
        {
            return false;
        }

        var start = text[..^ChecksumLength];
        if (!text.EndsWith(Checksum(start), StringComparison.Ordinal))
        {
            return false;
        }

        id = text.Substring(Prefix.Length, IdLength);
        return true;
    }

    /// <summary>What is stored of a key instead of the key: SHA-256. Its 190 random bits need no slow hash.</summary>
    /// <param name="key">A whole key.</param>
    /// <returns>32 bytes.</returns>
    public static byte[] Hash(string key) => SHA256.HashData(Encoding.ASCII.GetBytes(key));

    private static bool ContainsOnly(this ReadOnlySpan<char> text, string alphabet) => text.IndexOfAnyExcept(alphabet) < 0;

    private static string Checksum(string text)
    {
        var crc = uint.MaxValue;
        foreach (var character in text)
        {
            crc ^= character;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ Polynomial;
            }
        }

        crc = ~crc;
        Span<char> digits = stackalloc char[ChecksumLength];
        for (var place = ChecksumLength - 1; place >= 0; place--)
        {
            digits[place] = Alphabet[(int)(crc % (uint)Alphabet.Length)];
            crc /= (uint)Alphabet.Length;
        }

        return new string(digits);
    }
}
