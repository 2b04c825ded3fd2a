using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace BotGeneric.Testing;

/// <summary>Certificates for the key rings of services.</summary>
public static class KeyRingCertificates
{
    /// <summary>A new one, as configuration has it: a PFX in base64, without a password unless one is given.</summary>
    public static string New(string? password = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=key ring", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
        return Convert.ToBase64String(certificate.Export(X509ContentType.Pfx, password));
    }
}
