using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace BotGeneric.Gateway.Tests.Support;

/// <summary>Certificates for the key ring.</summary>
internal static class Certificates
{
    /// <summary>A new one, as configuration has it.</summary>
    internal static string New()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=key ring", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
        return Convert.ToBase64String(certificate.Export(X509ContentType.Pfx));
    }
}
