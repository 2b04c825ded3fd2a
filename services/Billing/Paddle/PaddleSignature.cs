using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BotGeneric.Billing.Paddle;

/// <summary>What a check of a webhook's signature found.</summary>
public enum SignatureVerdict
{
    /// <summary>Signed with one of our secrets, just now.</summary>
    Valid,

    /// <summary>There is no header, or it is not of the documented form.</summary>
    Malformed,

    /// <summary>The time in the header is too far from ours.</summary>
    Stale,

    /// <summary>None of the signatures is by any of our secrets over these bytes.</summary>
    Mismatch,
}

/// <summary>
/// The header <c>Paddle-Signature: ts=1671552777;h1=…</c>. Each <c>h1</c> is the hexadecimal HMAC-SHA256 of <c>ts:body</c> under the whole
/// secret; there may be several while a secret is rotated. Source: Paddle's documentation, "Verify webhook signatures". Digits above 9 count in
/// either case: it is the bytes that are compared. Work is bounded: a header of more than 4,096 characters, a second <c>ts</c> and
/// one that is no whole number are malformed, and of the values that could be signatures the first 16 count.
/// </summary>
public static class PaddleSignature
{
    /// <summary>The header's name.</summary>
    public const string HeaderName = "Paddle-Signature";

    // Both are more than any rotation needs.
    internal const int MaximumHeaderLength = 4096;
    internal const int MaximumSignatures = 16;

    /// <summary>Checks a delivery.</summary>
    /// <param name="header">The header's value.</param>
    /// <param name="body">The body, byte for byte as it arrived.</param>
    /// <param name="secrets">Our secrets.</param>
    /// <param name="now">Now.</param>
    /// <param name="tolerance">How far the header's time may be from now, in either direction.</param>
    /// <returns>What was found. Signatures are compared in constant time, every one with every secret.</returns>
    public static SignatureVerdict Verify(
        string? header, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets, DateTimeOffset now, TimeSpan tolerance)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        if (!TryParse(header, out var timestamp, out var seconds, out var signatures))
        {
            return SignatureVerdict.Malformed;
        }

        if (!MatchesAny(timestamp, body, secrets, signatures))
        {
            return SignatureVerdict.Mismatch;
        }

        // Decimal: the header's number may be any that fits a long, and a difference of two longs need not.
        var distance = Math.Abs((decimal)now.ToUnixTimeSeconds() - seconds);
        return distance <= (decimal)tolerance.TotalSeconds ? SignatureVerdict.Valid : SignatureVerdict.Stale;
    }

    /// <summary>Signs a body as Paddle does.</summary>
    /// <param name="timestamp">The value of <c>ts</c>.</param>
    /// <param name="body">The body.</param>
    /// <param name="secret">The secret, whole.</param>
    /// <returns>The 32 bytes of one <c>h1</c>.</returns>
    public static byte[] Compute(string timestamp, ReadOnlySpan<byte> body, string secret)
    {
        var signature = new byte[HMACSHA256.HashSizeInBytes];
        Compute(Encoding.UTF8.GetBytes($"{timestamp}:"), body, secret, signature);
        return signature;
    }

    private static void Compute(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> body, string secret, Span<byte> signature)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hash.AppendData(prefix);
        hash.AppendData(body);
        hash.GetHashAndReset(signature);
    }

    private static bool MatchesAny(string timestamp, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets, List<byte[]> signatures)
    {
        // Nothing that could be one: the body need not be gone through.
        if (signatures.Count == 0)
        {
            return false;
        }

        var matches = false;
        ReadOnlySpan<byte> prefix = Encoding.UTF8.GetBytes($"{timestamp}:");
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var secret in secrets)
        {
            Compute(prefix, body, secret, expected);
            foreach (var signature in signatures)
            {
                matches |= CryptographicOperations.FixedTimeEquals(expected, signature);
            }
        }

        return matches;
    }

    private static bool TryParse(string? header, out string timestamp, out long seconds, out List<byte[]> signatures)
    {
        timestamp = string.Empty;
        seconds = 0;
        signatures = [];
        if (header is null or { Length: > MaximumHeaderLength })
        {
            return false;
        }

        string? found = null;
        var hasSignature = false;
        foreach (var part in header.Split(';'))
        {
            switch (part.Split('=', 2))
            {
                case ["ts", var value] when found is null:
                    found = value;
                    break;
                case ["ts", _]:
                    return false;
                case ["h1", var value]:
                    hasSignature = true;
                    AddIfHex(signatures, value);
                    break;
            }
        }

        timestamp = found ?? string.Empty;
        return hasSignature && long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out seconds);
    }

    // One value that is no signature does not discard the others: they are from different secrets.
    private static void AddIfHex(List<byte[]> signatures, string value)
    {
        var bytes = new byte[HMACSHA256.HashSizeInBytes];
        if (signatures.Count < MaximumSignatures
            && value.Length == bytes.Length * 2
            && Convert.FromHexString(value, bytes, out _, out _) == System.Buffers.OperationStatus.Done)
        {
            signatures.Add(bytes);
        }
    }
}
