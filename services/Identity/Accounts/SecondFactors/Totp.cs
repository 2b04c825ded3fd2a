using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BotGeneric.Identity.Accounts.SecondFactors;

/// <summary>
/// One-time codes by time (RFC 6238): HMAC-SHA1, six digits, steps of 30 seconds, the one set of parameters that every authenticator app takes.
/// ASP.NET Core Identity has them too, but reads the system's clock and does not say which step matched, without which a code works twice.
/// </summary>
public static class Totp
{
    private const int SecretBytes = 20;
    private const int Digits = 6;
    private const int StepSeconds = 30;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>A new secret: 160 random bits in base32.</summary>
    public static string CreateSecret() => RandomNumberGenerator.GetString(Alphabet, SecretBytes * 8 / 5);

    /// <summary>The step that a time is in.</summary>
    /// <param name="time">The time, UTC.</param>
    public static long StepOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>When a step can be used no more: clocks may differ by a step.</summary>
    /// <param name="step">The step.</param>
    public static DateTimeOffset EndOf(long step) => DateTimeOffset.FromUnixTimeSeconds((step + 2) * StepSeconds);

    /// <summary>The code of a step.</summary>
    /// <param name="secret">The secret, base32.</param>
    /// <param name="step">The step.</param>
    public static string CodeOf(string secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(Decode(secret), counter, mac);
        var number = BinaryPrimitives.ReadInt32BigEndian(mac[(mac[^1] & 0x0F)..]) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>The step whose code this is, among the present one and its neighbours.</summary>
    /// <param name="secret">The secret, base32.</param>
    /// <param name="code">What was typed; spaces do not count.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>The step, or null.</returns>
    public static long? Match(string secret, string? code, DateTimeOffset now)
    {
        var typed = code?.Replace(" ", string.Empty, StringComparison.Ordinal);
        if (typed is not { Length: Digits } || !typed.All(char.IsAsciiDigit))
        {
            return null;
        }

        var present = StepOf(now);
        long? found = null;
        foreach (var step in new[] { present, present - 1, present + 1 })
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(CodeOf(secret, step)), Encoding.ASCII.GetBytes(typed)))
            {
                found ??= step;
            }
        }

        return found;
    }

    /// <summary>The address that authenticator apps read from the picture.</summary>
    /// <param name="secret">The secret, base32.</param>
    /// <param name="issuer">The system, as the app shows it.</param>
    /// <param name="account">The person, as the app shows it.</param>
    public static string Address(string secret, string issuer, string account) =>
        $"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(account)}?secret={secret}&issuer={Uri.EscapeDataString(issuer)}";

    private static byte[] Decode(string secret)
    {
        var bytes = new byte[secret.Length * 5 / 8];
        var (buffer, bits, index) = (0, 0, 0);
        foreach (var character in secret)
        {
            buffer = (buffer << 5) | Alphabet.IndexOf(character, StringComparison.Ordinal);
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                bytes[index++] = (byte)(buffer >> bits);
                buffer &= (1 << bits) - 1;
            }
        }

        return bytes;
    }
}
