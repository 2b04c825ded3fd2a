using BotGeneric.Notifications.Data;
using BotGeneric.Notifications.Security;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BotGeneric.Notifications.Tests;

/// <summary>Notifications whose key ring is encrypted, as in production.</summary>
public sealed class CertifiedApplication() : ServiceApplication<Program>("notifications")
{
    public string Certificate { get; } = KeyRingCertificates.New("correct horse");

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["DataProtection:Certificate"] = Certificate,
        ["DataProtection:CertificatePassword"] = "correct horse",
    };
}

public sealed class KeyRingTests(CertifiedApplication application) : IClassFixture<CertifiedApplication>
{
    private static readonly DeliveryContent Content = new("anna@example.com", new Dictionary<string, string> { ["link"] = "https://bot.example.com/" });

    [Fact]
    public async Task The_database_alone_opens_nothing_and_a_wrong_certificate_stops_the_start()
    {
        var kept = application.Services.GetRequiredService<ContentProtection>().Protect(Content);
        await using var scope = application.Services.CreateAsyncScope();
        var stored = await scope.ServiceProvider.GetRequiredService<NotificationsDbContext>().DataProtectionKeys.Select(key => key.Xml!).ToListAsync();
        Assert.NotEmpty(stored);
        Assert.All(stored, xml => Assert.Contains("EncryptedData", xml, StringComparison.Ordinal));

        await using var wrong = With(KeyRingCertificates.New("correct horse"));
        var refusal = Assert.ThrowsAny<OptionsValidationException>(wrong.CreateClient);
        Assert.Contains("DataProtection:PreviousCertificates", refusal.Message, StringComparison.Ordinal);

        await using var again = With(application.Certificate);
        Assert.Equal(Content.Address, again.Services.GetRequiredService<ContentProtection>().Unprotect(kept).Address);
    }

    [Fact]
    public async Task Production_demands_a_certificate()
    {
        await using var production = application.WithWebHostBuilder(
            builder => builder.UseEnvironment("Production").UseSetting("DataProtection:Certificate", string.Empty));

        var refusal = Assert.ThrowsAny<OptionsValidationException>(production.CreateClient);

        Assert.Contains("DataProtection:Certificate", refusal.Message, StringComparison.Ordinal);
    }

    private Microsoft.AspNetCore.Mvc.Testing.WebApplicationFactory<Program> With(string certificate) =>
        application.WithWebHostBuilder(builder => builder.UseSetting("DataProtection:Certificate", certificate));
}
