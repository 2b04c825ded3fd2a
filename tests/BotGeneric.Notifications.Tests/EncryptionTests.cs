extern alias simulators;

using BotGeneric.Notifications.Domain;
using BotGeneric.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using simulators::BotGeneric.Simulators.Smtp;

namespace BotGeneric.Notifications.Tests;

/// <summary>A mail server that demands STARTTLS, whose certificate the operator has named.</summary>
public sealed class EncryptedApplication : MailApplication
{
    private readonly string _certificates = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.pem");

    protected override SmtpEncryption Encryption => SmtpEncryption.Required;

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings)
    {
        ["Email:Security"] = "startTls",
        ["Email:TrustedCertificates"] = _certificates,
    };

    protected override Task PrepareAsync() => File.WriteAllTextAsync(_certificates, Certificate!.ExportCertificatePem());

    protected override Task ReleaseAsync()
    {
        File.Delete(_certificates);
        return Task.CompletedTask;
    }
}

/// <summary>The same server, whose certificate nobody knows: what an attacker between the two has to offer.</summary>
public sealed class UntrustedApplication : MailApplication
{
    protected override SmtpEncryption Encryption => SmtpEncryption.Offered;

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings) { ["Email:Security"] = "auto" };
}

/// <summary>A mail server that is not there yet.</summary>
public sealed class UnreachableApplication : MailApplication
{
    protected override bool StartsMailServer => false;
}

public sealed class EncryptionTests(EncryptedApplication application) : IClassFixture<EncryptedApplication>
{
    [Fact]
    public async Task Messages_travel_encrypted_to_a_server_that_demands_it()
    {
        var request = Some.Request("encrypted");

        await application.RequestAsync(request);

        // The server takes neither the password nor a message before STARTTLS.
        Assert.Equal(1, (await application.BecomesAsync(request, DeliveryState.Sent)).Attempts);
        Assert.Single(application.Inbox.List(request.Address));
    }
}

public sealed class UntrustedCertificateTests(UntrustedApplication application) : IClassFixture<UntrustedApplication>
{
    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused_and_the_message_waits_and_says_why()
    {
        const string reason = "the server's certificate is not trusted";
        var request = Some.Request("untrusted");

        await application.RequestAsync(request);

        var delivery = await Eventually.GetAsync(
            () => application.FindAsync(request.EventId), found => found?.Attempts >= 2, "the delivery to be tried again");
        Assert.Equal(DeliveryState.Pending, delivery!.State);
        Assert.Equal(reason, delivery.LastReason);
        Assert.Empty(application.Inbox.List(request.Address));
        var health = await application.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "email");
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Equal(reason, health.Entries["email"].Description);
    }
}

public sealed class UnreachableServerTests(UnreachableApplication application) : IClassFixture<UnreachableApplication>
{
    [Fact]
    public async Task While_the_server_cannot_be_reached_messages_wait_and_go_out_when_it_is_back()
    {
        var request = Some.Request("unreachable");

        await application.RequestAsync(request);
        var waiting = await Eventually.GetAsync(
            () => application.FindAsync(request.EventId), found => found?.Attempts >= 2, "the delivery to be tried again");
        Assert.Equal(DeliveryState.Pending, waiting!.State);
        Assert.Equal("the server could not be reached", waiting.LastReason);

        await application.StartMailServerAsync();

        await application.BecomesAsync(request, DeliveryState.Sent);
        Assert.Single(application.Inbox.List(request.Address));
    }
}
