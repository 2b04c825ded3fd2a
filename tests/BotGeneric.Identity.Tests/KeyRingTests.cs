using System.Text.Json.Nodes;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Tests;

/// <summary>Identity whose key ring is encrypted, as in production.</summary>
public sealed class EncryptedIdentity : IdentityApplication
{
    public string Certificate { get; } = KeyRingCertificates.New();

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings)
    {
        ["DataProtection:Certificate"] = Certificate,
    };

    public WebApplicationFactory<Program> With(params (string Key, string Value)[] settings) => WithWebHostBuilder(builder =>
    {
        foreach (var (key, value) in settings)
        {
            builder.UseSetting(key, value);
        }
    });
}

public sealed class KeyRingTests(EncryptedIdentity identity) : IClassFixture<EncryptedIdentity>
{
    [Fact]
    public async Task The_database_alone_opens_nothing_and_a_renewed_certificate_loses_nothing()
    {
        var before = await SigningKeysAsync(identity);

        await using var renewed = identity.With(
            ("DataProtection:Certificate", KeyRingCertificates.New()), ("DataProtection:PreviousCertificates:0", identity.Certificate));

        Assert.NotEmpty(before);
        Assert.Equal(before, await SigningKeysAsync(renewed));
        var stored = await identity.WithDatabaseAsync(db => db.DataProtectionKeys.Select(key => key.Xml!).ToListAsync());
        Assert.NotEmpty(stored);
        Assert.All(stored, xml => Assert.Contains("EncryptedData", xml, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_certificate_stops_the_start_before_anything_is_taken_for_lost()
    {
        var before = await SigningKeysAsync(identity);
        await using var wrong = identity.With(("DataProtection:Certificate", KeyRingCertificates.New()));

        var refusal = Assert.ThrowsAny<OptionsValidationException>(wrong.CreateClient);

        Assert.Contains("DataProtection:PreviousCertificates", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, await SigningKeysAsync(identity));
    }

    [Fact]
    public async Task Production_demands_a_certificate()
    {
        await using var production = identity.WithWebHostBuilder(builder => builder.UseEnvironment("Production").UseSetting("DataProtection:Certificate", string.Empty));

        var refusal = Assert.ThrowsAny<OptionsValidationException>(production.CreateClient);

        Assert.Contains("DataProtection:Certificate", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<List<string>> SigningKeysAsync(WebApplicationFactory<Program> application)
    {
        using var client = application.CreateClient();
        return [.. JsonNode.Parse(await client.GetStringAsync(new Uri("/.well-known/jwks", UriKind.Relative)))!["keys"]!.AsArray()
            .Select(key => key!["kid"]!.GetValue<string>()).Order()];
    }
}
