using System.Security.Cryptography;
using System.Text.Json;
using BotGeneric.Notifications.Data;
using BotGeneric.ServiceDefaults.Data;
using Microsoft.AspNetCore.DataProtection;

namespace BotGeneric.Notifications.Security;

/// <summary>What a delivery must not show: where it goes and what it says.</summary>
/// <param name="Address">The e-mail address.</param>
/// <param name="Values">What the template is filled with.</param>
public sealed record DeliveryContent(string Address, IReadOnlyDictionary<string, string> Values);

/// <summary>Encrypts the content of deliveries for the time that it is needed.</summary>
/// <param name="provider">Has the keys, which are in this service's database and rotate by themselves.</param>
public sealed class ContentProtection(IDataProtectionProvider provider)
{
    private readonly IDataProtector _protector = provider.CreateProtector("BotGeneric.Notifications.DeliveryContent.v1");

    /// <summary>Encrypts.</summary>
    /// <param name="content">The content.</param>
    public byte[] Protect(DeliveryContent content) => _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(content, JsonSerializerOptions.Web));

    /// <summary>Decrypts.</summary>
    /// <param name="content">What <see cref="Protect"/> made.</param>
    /// <exception cref="CryptographicException">The keys are lost or the bytes damaged.</exception>
    public DeliveryContent Unprotect(byte[] content) =>
        JsonSerializer.Deserialize<DeliveryContent>(_protector.Unprotect(content), JsonSerializerOptions.Web)
        ?? throw new CryptographicException("The content is empty.");
}

internal static class ContentProtectionServices
{
    // Part of every key's derivation: with another name nothing that is stored can be read.
    private const string ApplicationName = "bot-generic.notifications";

    internal static void AddContentProtection(this WebApplicationBuilder builder)
    {
        builder.AddServiceDataProtection<NotificationsDbContext>(ApplicationName);
        builder.Services.AddSingleton<ContentProtection>();
        builder.Services.AddSingleton<AddressFingerprints>();
    }
}
