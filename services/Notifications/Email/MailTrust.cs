using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace BotGeneric.Notifications.Email;

/// <summary>Which certificates of mail servers are trusted: those of the machine's authorities, and those that the operator names.</summary>
internal sealed class MailTrust
{
    private readonly X509Certificate2Collection _own;

    /// <param name="path">A file with certificates, PEM; null: the machine's authorities alone.</param>
    /// <exception cref="CryptographicException">The file holds none.</exception>
    public MailTrust(string? path) => _own = Read(path);

    public static bool IsReadable(string? path)
    {
        try
        {
            return string.IsNullOrWhiteSpace(path) || Read(path).Count > 0;
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>What is wrong with a certificate, in words of ours; null when nothing is.</summary>
    /// <param name="certificate">What the server showed.</param>
    /// <param name="chain">What the machine made of it.</param>
    /// <param name="errors">What is wrong with it as the machine sees it.</param>
    public string? Fault(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return null;
        }

        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "the server shows no certificate";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return "the server's certificate is for another name";
        }

        return IsSignedByOwn(certificate, chain) ? null : "the server's certificate is not trusted";
    }

    private static X509Certificate2Collection Read(string? path)
    {
        var certificates = new X509Certificate2Collection();
        if (!string.IsNullOrWhiteSpace(path))
        {
            certificates.ImportFromPemFile(path);
        }

        return certificates;
    }

    private bool IsSignedByOwn(X509Certificate certificate, X509Chain? sent)
    {
        if (_own.Count == 0)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_own);
        // An authority of one's own seldom publishes what it has taken back.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        using var copy = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(copy);
    }
}
