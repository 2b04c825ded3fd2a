using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using BotGeneric.Notifications.Data;
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

/// <summary>Keys under <c>DataProtection</c>.</summary>
public sealed class KeyProtectionOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "DataProtection";

    /// <summary>
    /// A PKCS #12 file with a certificate and its private key, with which the keys in the database are encrypted. Without it, who can read the whole
    /// database can read the content of pending deliveries.
    /// </summary>
    [MaxLength(4096)]
    public string? CertificatePath { get; set; }

    /// <summary>The password of that file.</summary>
    public string? CertificatePassword { get; set; }
}

internal static class ContentProtectionServices
{
    // Part of every key's derivation: with another name nothing that is stored can be read.
    private const string ApplicationName = "bot-generic.notifications";

    internal static void AddContentProtection(this WebApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection(KeyProtectionOptions.SectionName).Get<KeyProtectionOptions>() ?? new KeyProtectionOptions();
        var protection = builder.Services.AddDataProtection()
            .SetApplicationName(ApplicationName)
            .PersistKeysToDbContext<NotificationsDbContext>();
        if (!string.IsNullOrWhiteSpace(options.CertificatePath))
        {
            protection.ProtectKeysWithCertificate(Load(options));
        }

        builder.Services.AddSingleton<ContentProtection>();
        builder.Services.AddSingleton<AddressFingerprints>();
    }

    private static X509Certificate2 Load(KeyProtectionOptions options)
    {
        try
        {
            return X509CertificateLoader.LoadPkcs12FromFile(options.CertificatePath!, options.CertificatePassword);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                "DataProtection:CertificatePath names no PKCS #12 file that can be opened with DataProtection:CertificatePassword.", exception);
        }
    }
}
