using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Notifications.Domain;
using BotGeneric.Notifications.Email;
using BotGeneric.Notifications.Security;
using BotGeneric.Notifications.Templates;
using BotGeneric.ServiceDefaults.Health;
using BotGeneric.Testing.Services;
using MailKit.Net.Smtp;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BotGeneric.Notifications.Tests;

/// <summary>Notifications without a mail server.</summary>
public sealed class UnconfiguredApplication() : ServiceApplication<Program>("notifications");

public sealed class UnconfiguredTests(UnconfiguredApplication application) : IClassFixture<UnconfiguredApplication>
{
    [Fact]
    public async Task Without_a_mail_server_requests_wait_and_the_health_says_so()
    {
        using var client = application.CreateOperatorClient();
        var request = Some.Request();
        await MailApplication.RequestAsync(application.Services, request);

        var health = await client.GetFromJsonAsync<HealthDocument>("/health", HealthDocument.Json);
        Assert.Equal(("degraded", "degraded"), (health!.Status, health.Checks["email"]));
        var list = await client.GetFromJsonAsync<JsonElement>($"/api/notifications/deliveries?user={request.UserId}");
        var delivery = Assert.Single(list.GetProperty("items").EnumerateArray());
        Assert.Equal(("pending", 0), (delivery.GetProperty("state").GetString(), delivery.GetProperty("attempts").GetInt32()));
    }
}

public sealed class OptionTests
{
    [Theory]
    [InlineData("Production", "Email:Host", "Operator:PublicUrl=https://a.example")]
    [InlineData("Production", "Email:From", "Operator:PublicUrl=https://a.example", "Email:Host=mail.example")]
    [InlineData("Production", "Operator:PublicUrl", "Email:Host=mail.example", "Email:From=a@b.example")]
    [InlineData("Development", "Email:From", "Email:Host=mail.example")]
    [InlineData("Development", "Email:From", "Email:Host=mail.example", "Email:From=Anna <a@b.example>")]
    [InlineData("Development", "Email:Password", "Email:User=anna")]
    [InlineData("Development", "Email:Port", "Email:Port=0")]
    [InlineData("Development", "Email:TrustedCertificates", "Email:TrustedCertificates=/etc/hostname")]
    [InlineData("Development", "Email:TrustedCertificates", "Email:TrustedCertificates=/nowhere.pem")]
    [InlineData("Development", "Email:Timeout", "Email:Timeout=00:00:00")]
    [InlineData("Development", "Email:RetryDelay", "Email:RetryDelay=01:00:00")]
    [InlineData("Development", "Operator:SupportEmail", "Operator:SupportEmail=nobody")]
    [InlineData("Development", "Operator:PublicUrl", "Operator:PublicUrl=ftp://a.example")]
    [InlineData("Development", "Operator:Name", "Operator:Name=")]
    public void A_wrong_option_stops_the_start_with_its_key(string environment, string key, params string[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => setting.Split('=', 2)).ToDictionary(pair => pair[0], pair => (string?)pair[1]));
        builder.AddEmail();
        builder.AddOperator();
        using var services = builder.Services.BuildServiceProvider();

        var refusal = Assert.ThrowsAny<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());

        Assert.Contains(key, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Production_demands_the_certificate_of_the_key_ring()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Production" });

        Assert.Contains(
            "DataProtection:Certificate", Assert.Throws<OptionsValidationException>(builder.AddContentProtection).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "5.1.1", "AddressRefused")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 553, null, "AddressRefused")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "5.7.1", "Refused")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 552, "5.2.2", "Later")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 450, "4.2.1", "Later")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 530, null, "Refused")]
    [InlineData(SmtpErrorCode.SenderNotAccepted, 550, null, "Refused")]
    [InlineData(SmtpErrorCode.SenderNotAccepted, 451, null, "Later")]
    [InlineData(SmtpErrorCode.MessageNotAccepted, 554, null, "Refused")]
    [InlineData(SmtpErrorCode.MessageNotAccepted, 552, null, "Refused")]
    [InlineData(SmtpErrorCode.UnexpectedStatusCode, 421, null, "Later")]
    public void A_reply_is_judged_by_its_step_and_code(SmtpErrorCode step, int status, string? enhanced, string verdict) =>
        Assert.Equal(verdict, MailConnection.Judge(step, status, enhanced).Verdict.ToString());

    [Fact]
    public void Pauses_double_up_to_the_longest_and_are_never_equal_for_all()
    {
        var options = new EmailOptions { RetryDelay = TimeSpan.FromSeconds(1), MaxRetryDelay = TimeSpan.FromSeconds(8) };
        for (var attempt = 1; attempt < 100; attempt++)
        {
            var full = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, attempt - 1), 8));
            Assert.InRange(Deliveries.RetryDelays.After(attempt, options), full / 2, full);
        }
    }
}

/// <summary>What an admin can see and do.</summary>
public sealed class AdminTests(MailApplication application) : IClassFixture<MailApplication>
{
    [Theory]
    [InlineData("GET", "/api/notifications/deliveries")]
    [InlineData("POST", "/api/notifications/deliveries/0192f0c1-2345-7abc-8def-0123456789ab/retry")]
    [InlineData("GET", "/api/notifications/suppressions")]
    [InlineData("POST", "/api/notifications/suppressions")]
    [InlineData("DELETE", "/api/notifications/suppressions/0192f0c1-2345-7abc-8def-0123456789ab")]
    public async Task Nobody_else_gets_in(string method, string path)
    {
        using var client = application.CreateClient();

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path))).StatusCode);
    }

    [Fact]
    public async Task Deliveries_are_listed_by_page_state_template_and_user_without_addresses()
    {
        var user = Guid.CreateVersion7();
        var requests = Enumerable.Range(0, 3).Select(_ => Some.Request("liste", NotificationTemplates.ApiKeyCreated) with { UserId = user })
            .Append(Some.Request("bounce+liste") with { UserId = user }).ToList();
        foreach (var request in requests)
        {
            await application.RequestAsync(request);
        }

        await application.BecomesAsync(requests[3], DeliveryState.Bounced);
        foreach (var request in requests.Take(3))
        {
            await application.BecomesAsync(request, DeliveryState.Sent);
        }

        using var admin = application.CreateOperatorClient();
        var body = await admin.GetStringAsync($"/api/notifications/deliveries?user={user}");
        Assert.DoesNotContain("liste", body, StringComparison.Ordinal);
        Assert.Equal(4, JsonDocument.Parse(body).RootElement.GetProperty("items").GetArrayLength());
        Assert.Equal(1, await CountAsync(admin, $"user={user}&state=bounced"));
        Assert.Equal(3, await CountAsync(admin, $"user={user}&template=api-key-created"));
        var first = await admin.GetFromJsonAsync<JsonElement>($"/api/notifications/deliveries?user={user}&limit=3");
        var cursor = first.GetProperty("nextCursor").GetString();
        var second = await admin.GetFromJsonAsync<JsonElement>($"/api/notifications/deliveries?user={user}&limit=3&cursor={cursor}");
        Assert.Equal(
            requests.Select(request => request.EventId).Order(),
            Events(first).Concat(Events(second)).Order());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("nextCursor").ValueKind);
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.GetAsync("/api/notifications/deliveries?state=lost")).StatusCode);
    }

    [Fact]
    public async Task A_retry_that_is_impossible_says_why()
    {
        using var admin = application.CreateOperatorClient();
        var sent = Some.Request();
        await application.RequestAsync(sent);
        Assert.Contains("sent", await RetryAsync(admin, (await application.BecomesAsync(sent, DeliveryState.Sent)).Id), StringComparison.Ordinal);

        var failed = Some.Request("refuse");
        await application.RequestAsync(failed);
        var id = (await application.BecomesAsync(failed, DeliveryState.Failed)).Id;
        await application.ExecuteAsync($"UPDATE deliveries SET content_deleted_at = now() WHERE id = {id}");
        await Testing.Eventually.GetAsync(() => application.FindAsync(failed.EventId), row => row!.Content is null, "the content to be deleted");
        Assert.Contains("deleted", await RetryAsync(admin, id), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NotFound, (await admin.PostAsync($"/api/notifications/deliveries/{Guid.CreateVersion7()}/retry", null)).StatusCode);
    }

    [Fact]
    public async Task Old_entries_of_the_log_are_forgotten()
    {
        var request = Some.Request();
        await application.RequestAsync(request);
        await application.BecomesAsync(request, DeliveryState.Sent);
        await application.ExecuteAsync($"UPDATE deliveries SET finished_at = now() - interval '91 days' WHERE event_id = {request.EventId}");

        await Testing.Eventually.GetAsync(() => application.FindAsync(request.EventId), row => row is null, "the entry to be forgotten");
    }

    private static async Task<string> RetryAsync(HttpClient admin, Guid id)
    {
        var response = await admin.PostAsync($"/api/notifications/deliveries/{id}/retry", null);
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task<int> CountAsync(HttpClient admin, string query) =>
        (await admin.GetFromJsonAsync<JsonElement>($"/api/notifications/deliveries?{query}")).GetProperty("items").GetArrayLength();

    private static IEnumerable<Guid> Events(JsonElement page) => page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("eventId").GetGuid());
}
