using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace BotGeneric.Identity.Accounts;

/// <summary>Random secrets that are sent to people or kept in cookies, and the hashes that are kept of them here.</summary>
public static class Secrets
{
    private const int Bytes = 32;

    /// <summary>A new secret: 256 random bits, 43 characters that are safe in an address.</summary>
    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>What is stored of a secret. So many random bits need no slow hash.</summary>
    /// <param name="secret">The secret.</param>
    /// <returns>SHA-256, 32 bytes.</returns>
    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>Whether a secret is the one that a hash is of, in a time that says nothing about it.</summary>
    /// <param name="secret">What was sent; null is none.</param>
    /// <param name="hash">The stored hash.</param>
    public static bool Matches(string? secret, byte[] hash) => secret is not null && CryptographicOperations.FixedTimeEquals(Hash(secret), hash);
}
