using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace BotGeneric.Identity.External.Telegram;

/// <summary>
/// The fields that Telegram hands to a browser with a keyed hash over them: <c>key=value</c> pairs of a query, sorted by key, one a line.
/// Whatever can be read in two ways is refused: a key that comes twice, a line break inside of a value, a broken escape.
/// </summary>
internal sealed class SignedFields
{
    private const int MaximumCharacters = 4096;
    private const string HashKey = "hash";

    // What an escape stands for must be text.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly SortedDictionary<string, string> _fields;
    private readonly byte[] _hash;

    private SignedFields(SortedDictionary<string, string> fields, byte[] hash) => (_fields, _hash) = (fields, hash);

    /// <summary>What a proof is remembered by. It covers every field, however the query spelled them.</summary>
    internal byte[] Fingerprint => SHA256.HashData([.. "telegram"u8, .. _hash]);

    internal string? this[string key] => _fields.GetValueOrDefault(key);

    /// <summary>Reads a query. It says nothing yet about who wrote it.</summary>
    /// <param name="query">The query, without a question mark.</param>
    /// <returns>The fields; null when the text is too long or not well-formed, or has no well-formed hash.</returns>
    internal static SignedFields? Parse(string? query)
    {
        if (query is not { Length: > 0 and <= MaximumCharacters })
        {
            return null;
        }

        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in query.Split('&'))
        {
            var separator = pair.IndexOf('=', StringComparison.Ordinal);
            if (separator <= 0
                || Decode(pair.AsSpan(0, separator)) is not { Length: > 0 } key
                || Decode(pair.AsSpan(separator + 1)) is not { } value
                || !fields.TryAdd(key, value))
            {
                return null;
            }
        }

        var hash = new byte[SHA256.HashSizeInBytes];
        return fields.Remove(HashKey, out var hex)
            && hex.Length == hash.Length * 2
            && Convert.FromHexString(hex, hash, out _, out _) is OperationStatus.Done
                ? new SignedFields(fields, hash)
                : null;
    }

    /// <summary>Whether whoever wrote the fields knows the key.</summary>
    /// <param name="key">The key of the hash.</param>
    internal bool IsSignedWith(ReadOnlySpan<byte> key)
    {
        var lines = string.Join('\n', _fields.Select(field => $"{field.Key}={field.Value}"));
        return CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(lines)), _hash);
    }

    private static string? Decode(ReadOnlySpan<char> text)
    {
        var bytes = new ArrayBufferWriter<byte>(text.Length + 1);
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '%')
            {
                var value = bytes.GetSpan(1);
                if (index + 2 >= text.Length || Convert.FromHexString(text.Slice(index + 1, 2), value[..1], out _, out _) is not OperationStatus.Done)
                {
                    return null;
                }

                bytes.Advance(1);
                index += 2;
            }
            else if (text[index] == '+')
            {
                bytes.Write(" "u8);
            }
            else
            {
                var end = text[index..].IndexOfAny('%', '+');
                var plain = end < 0 ? text[index..] : text.Slice(index, end);
                bytes.Write(Encoding.UTF8.GetBytes(plain.ToString()));
                index += plain.Length - 1;
            }
        }

        try
        {
            var decoded = Utf8.GetString(bytes.WrittenSpan);
            return decoded.Any(char.IsControl) ? null : decoded;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
