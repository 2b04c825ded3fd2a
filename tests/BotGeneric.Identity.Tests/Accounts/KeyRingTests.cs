using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Tests.Accounts;

/// <summary>The key ring encrypts the keys that sign tokens, and is in the same database.</summary>
public sealed class KeyRingTests(KeyRingTests.Application identity) : IClassFixture<KeyRingTests.Application>
{
    [Fact]
    public async Task With_a_certificate_the_database_alone_opens_nothing()
    {
        _ = identity.Server;

        var stored = await identity.WithDatabaseAsync(db => db.DataProtectionKeys.AsNoTracking().ToListAsync());

        Assert.NotEmpty(stored);
        Assert.All(stored, key => Assert.Contains("EncryptedData", key.Xml, StringComparison.Ordinal));
    }

    [Fact]
    public void Production_demands_the_certificate()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Production" });

        Assert.Contains("DataProtection:Certificate", Assert.Throws<OptionsValidationException>(builder.AddAccounts).Message, StringComparison.Ordinal);
    }

    public sealed class Application : IdentityApplication
    {
        protected override IReadOnlyDictionary<string, string> Settings =>
            new Dictionary<string, string>(base.Settings) { ["DataProtection:Certificate"] = Certificate() };

        private static string Certificate()
        {
            using var key = RSA.Create(2048);
            var request = new CertificateRequest("CN=key ring", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
            return Convert.ToBase64String(certificate.Export(X509ContentType.Pfx));
        }
    }
}
