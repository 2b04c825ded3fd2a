using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace BotGeneric.Identity.Accounts.Links;

/// <summary>Something that may leave this service sealed, and is worth nothing after a time.</summary>
public interface ISealable
{
    /// <summary>When it is too late, UTC.</summary>
    DateTimeOffset ExpiresAt { get; }
}

/// <summary>
/// Values that wait in the browser, in a cookie or an address, and come back: encrypted and signed, each kind for its own purpose, so that one is never taken
/// for another, and with an end. What may come back once only is for <see cref="SingleUse"/> besides.
/// </summary>
public sealed class SealedValues(IDataProtectionProvider protection, TimeProvider time)
{
    /// <summary>Seals a value.</summary>
    /// <param name="purpose">What it is for; one of its own for each kind.</param>
    /// <param name="value">The value.</param>
    /// <typeparam name="T">Its type.</typeparam>
    /// <returns>Text that fits into a cookie or an address.</returns>
    public string Seal<T>(string purpose, T value)
        where T : class, ISealable => protection.CreateProtector(purpose).Protect(JsonSerializer.Serialize(value));

    /// <summary>Opens what came back.</summary>
    /// <param name="purpose">What it must have been sealed for.</param>
    /// <param name="text">What came back; null or empty: nothing.</param>
    /// <typeparam name="T">Its type.</typeparam>
    /// <returns>Null when it was not sealed by this service for this purpose, or it is too late.</returns>
    public T? Open<T>(string purpose, string? text)
        where T : class, ISealable
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<T>(protection.CreateProtector(purpose).Unprotect(text)) is { } value && time.GetUtcNow() < value.ExpiresAt ? value : null;
        }
        catch (Exception exception) when (exception is CryptographicException or JsonException or FormatException)
        {
            // Somebody's invention, sealed with a key that is gone, or by a version that wrote it otherwise.
            return null;
        }
    }
}
