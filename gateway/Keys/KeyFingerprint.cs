using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace BotGeneric.Gateway.Keys;

/// <summary>SHA-256 of a key: what the cache knows it by, so that a dump of memory holds no list of keys.</summary>
internal readonly record struct KeyFingerprint(ulong First, ulong Second, ulong Third, ulong Fourth)
{
    private const int LongestKey = 256;

    /// <summary>The fingerprint of a text; of one that is too long to be a key, none.</summary>
    internal static bool TryCompute(string text, out KeyFingerprint fingerprint)
    {
        fingerprint = default;
        Span<byte> bytes = stackalloc byte[LongestKey];
        if (!Encoding.UTF8.TryGetBytes(text, bytes, out var length))
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..length], hash);
        fingerprint = new KeyFingerprint(
            BinaryPrimitives.ReadUInt64LittleEndian(hash),
            BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(hash[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(hash[24..]));
        return true;
    }

    // The bits are random already.
    public override int GetHashCode() => (int)First;
}
