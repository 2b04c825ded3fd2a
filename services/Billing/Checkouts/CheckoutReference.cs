using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BotGeneric.Billing.Catalogue;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Checkouts;

/// <summary>What one of our checkouts says about itself: that somebody of ours began it, and for whom.</summary>
/// <param name="CheckoutId">The checkout.</param>
/// <param name="AccountId">The account that it is for.</param>
public sealed record CheckoutReference(Guid CheckoutId, Guid AccountId);

/// <summary>
/// Makes and checks the reference that a checkout attaches to its transaction. The provider copies it to the subscription and to all of its later
/// transactions, and the buyer's browser can attach whatever it likes: so nothing else of what is attached is believed, and this only with our signature.
/// </summary>
/// <remarks>
/// <c>c1_</c> and, base64url, the checkout's id, the account's id (16 bytes each, big-endian) and HMAC-SHA256 over both under <c>Billing:ReferenceKeys</c>.
/// It is no secret: whoever repeats somebody's reference pays for their account. It never expires: subscriptions are renewed for years.
/// </remarks>
/// <param name="options">The keys: the first one signs, all of them verify.</param>
public sealed class CheckoutReferences(IOptions<BillingOptions> options)
{
    /// <summary>The member of the provider's <c>custom_data</c> that holds the reference.</summary>
    public const string Member = "reference";

    private const string Version = "c1_";
    private const int IdBytes = 16;
    private const int SignedBytes = 2 * IdBytes;
    private const int TotalBytes = SignedBytes + HMACSHA256.HashSizeInBytes;
    private const int Length = 86;

    // Signatures of this key over anything else can never be one over a reference.
    private static readonly byte[] Purpose = "billing.checkout-reference.v1:"u8.ToArray();

    private readonly byte[][] _keys = [.. options.Value.ReferenceKeys.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Signs a reference.</summary>
    /// <param name="checkoutId">The checkout.</param>
    /// <param name="accountId">The account that it is for.</param>
    /// <returns>Letters, digits, dashes and underscores.</returns>
    public string Create(Guid checkoutId, Guid accountId)
    {
        Span<byte> bytes = stackalloc byte[TotalBytes];
        checkoutId.TryWriteBytes(bytes, bigEndian: true, out _);
        accountId.TryWriteBytes(bytes[IdBytes..], bigEndian: true, out _);
        Sign(_keys[0], bytes[..SignedBytes], bytes[SignedBytes..]);
        return Version + Base64Url.EncodeToString(bytes);
    }

    /// <summary>Checks a reference.</summary>
    /// <param name="text">Anything.</param>
    /// <returns>What it says; null when it is not one of ours.</returns>
    public CheckoutReference? Verify(string? text)
    {
        if (text?.Length != Version.Length + Length || !text.StartsWith(Version, StringComparison.Ordinal))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[TotalBytes];
        var encoded = text.AsSpan(Version.Length);
        if (!Base64Url.IsValid(encoded, out var decodedLength)
            || decodedLength != TotalBytes
            || !Base64Url.TryDecodeFromChars(encoded, bytes, out var written)
            || written != TotalBytes)
        {
            return null;
        }

        return IsSigned(bytes)
            ? new CheckoutReference(new Guid(bytes[..IdBytes], bigEndian: true), new Guid(bytes[IdBytes..SignedBytes], bigEndian: true))
            : null;
    }

    /// <summary>Reads the reference out of what is attached to something at the provider.</summary>
    /// <param name="customData">Its <c>custom_data</c>, anything.</param>
    /// <returns>What the reference says; null when there is none of ours.</returns>
    public CheckoutReference? Read(JsonElement? customData) =>
        customData is { ValueKind: JsonValueKind.Object } attached
        && attached.TryGetProperty(Member, out var reference)
        && reference.ValueKind == JsonValueKind.String
            ? Verify(reference.GetString())
            : null;

    private static void Sign(byte[] key, ReadOnlySpan<byte> signed, Span<byte> destination)
    {
        Span<byte> message = stackalloc byte[Purpose.Length + SignedBytes];
        Purpose.CopyTo(message);
        signed.CopyTo(message[Purpose.Length..]);
        HMACSHA256.HashData(key, message, destination);
    }

    // Every key is tried, and in constant time: how long it takes says nothing about which one fits.
    private bool IsSigned(ReadOnlySpan<byte> bytes)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var isSigned = false;
        foreach (var key in _keys)
        {
            Sign(key, bytes[..SignedBytes], expected);
            isSigned |= CryptographicOperations.FixedTimeEquals(expected, bytes[SignedBytes..]);
        }

        return isSigned;
    }
}
