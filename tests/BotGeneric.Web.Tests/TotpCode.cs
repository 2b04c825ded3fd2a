using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace BotGeneric.Web.Tests;

/// <summary>What an authenticator app shows (RFC 6238: SHA-1, 30 seconds, six digits).</summary>
internal static class TotpCode
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>The code of a step relative to now: 0 the present one, 1 the next, which a server accepts for the sake of clocks that are fast.</summary>
    public static string Of(string secret, int step = 0)
    {
        var counter = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30) + step;
        Span<byte> message = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(message, counter);
#pragma warning disable CA5350 // The algorithm of the standard.
        var hash = HMACSHA1.HashData(FromBase32(secret), message);
#pragma warning restore CA5350
        var offset = hash[^1] & 0xF;
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(offset)) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] FromBase32(string text)
    {
        var bits = string.Concat(text.Where(char.IsLetterOrDigit).Select(character =>
            Convert.ToString(Alphabet.IndexOf(char.ToUpperInvariant(character), StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(chunk => chunk.Length == 8).Select(chunk => Convert.ToByte(new string(chunk), 2))];
    }
}
