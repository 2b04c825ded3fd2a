using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace BotGeneric.ServiceDefaults.Data;

/// <summary>Keys under <c>DataProtection</c>.</summary>
public sealed class ServiceDataProtectionOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "DataProtection";

    /// <summary>
    /// The certificate that encrypts the keys where they are stored: a PFX with its private key, in base64. Required in the Production
    /// environment, because without it a copy of the database is enough to forge what the keys protect.
    /// </summary>
    public string? Certificate { get; set; }

    /// <summary>The password of the PFX; none for a PFX without one.</summary>
    public string? CertificatePassword { get; set; }

    /// <summary>
    /// Earlier certificates, which can still decrypt keys that were stored under them. Same form and same password. They stay for as long as
    /// anything is needed that those keys protect.
    /// </summary>
    public IList<string> PreviousCertificates { get; } = [];
}

/// <summary>The keys that protect cookies, tickets, links and secrets at rest, in the service's own database.</summary>
public static class DataProtectionExtensions
{
    /// <summary>
    /// Keeps Data Protection keys in <typeparamref name="TContext"/>, encrypted with the configured certificate, so that every replica has the
    /// same ones and they survive a restart. Losing them makes what they protected unreadable.
    /// </summary>
    /// <typeparam name="TContext">The service's context, with its migration for the table of keys.</typeparam>
    /// <param name="builder">The process being built.</param>
    /// <param name="applicationName">Who may read what is protected: the same name in every process that shares it, and never changed.</param>
    /// <exception cref="OptionsValidationException">The certificate is missing in Production or cannot be used; the message names the key.</exception>
    public static void AddServiceDataProtection<TContext>(this IHostApplicationBuilder builder, string applicationName)
        where TContext : DbContext, IDataProtectionKeyContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(applicationName);
        var options = new ServiceDataProtectionOptions();
        builder.Configuration.GetSection(ServiceDataProtectionOptions.SectionName).Bind(options);

        builder.Services.AddSingleton<StoredKeys>();
        var protection = builder.Services.AddDataProtection()
            .SetApplicationName(applicationName)
            .PersistKeysToDbContext<TContext>();
        if (string.IsNullOrEmpty(options.Certificate))
        {
            if (builder.Environment.IsProduction())
            {
                throw Invalid("DataProtection:Certificate is missing. Set it to a PFX with its private key in base64: it encrypts the keys in the database.");
            }

            return;
        }

        var current = Load(options.Certificate, options.CertificatePassword, "DataProtection:Certificate");
        protection.ProtectKeysWithCertificate(current);
        protection.UnprotectKeysWithAnyCertificate(
        [
            current,
            .. options.PreviousCertificates.Select((text, index) => Load(text, options.CertificatePassword, $"DataProtection:PreviousCertificates:{index}")),
        ]);
    }

    private static X509Certificate2 Load(string text, string? password, string key)
    {
        X509Certificate2 certificate;
        try
        {
            certificate = X509CertificateLoader.LoadPkcs12(Convert.FromBase64String(text), password, X509KeyStorageFlags.EphemeralKeySet);
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            // Neither the value nor the library's words about it: both may hold a part of the secret.
            throw Invalid($"{key} is not a PFX in base64 that DataProtection:CertificatePassword opens.");
        }

        return certificate.HasPrivateKey && certificate.GetRSAPrivateKey() is not null
            ? certificate
            : throw Invalid($"{key} holds no RSA private key. Export the PFX with its key.");
    }

    internal static OptionsValidationException Invalid(string message) =>
        new(ServiceDataProtectionOptions.SectionName, typeof(ServiceDataProtectionOptions), [message]);
}

/// <summary>The keys of the ring as they are in the database.</summary>
internal sealed class StoredKeys(IKeyManager keys)
{
    /// <summary>
    /// Sees to it that every key can be decrypted. The framework would take one that cannot for lost and silently make a new one: everybody
    /// would be signed out, and secrets at rest unreadable, because of a mistake in the configuration.
    /// </summary>
    /// <exception cref="OptionsValidationException">A certificate is missing; the message names the key to set.</exception>
    internal void Verify()
    {
        var stored = keys.GetAllKeys().Where(key => !key.IsRevoked).ToList();
        var closed = stored.Count(key => !CanOpen(key));
        if (closed > 0)
        {
            throw DataProtectionExtensions.Invalid(
                $"DataProtection:Certificate opens {stored.Count - closed} of {stored.Count} stored keys. Add the certificate that the others were stored under to DataProtection:PreviousCertificates. Only if that is lost for good, delete their rows in data_protection_keys, and with them what they protect.");
        }
    }

    private static bool CanOpen(IKey key)
    {
        try
        {
            return key.CreateEncryptor() is not null;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
