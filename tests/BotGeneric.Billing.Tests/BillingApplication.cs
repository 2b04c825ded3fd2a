using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using BotGeneric.Billing.Paddle;
using BotGeneric.Testing.Services;

namespace BotGeneric.Billing.Tests;

/// <summary>Billing with one plan, sold by <see cref="ProPrice"/>.</summary>
public sealed class BillingApplication() : ServiceApplication<Program>("billing")
{
    public const string ProPrice = "pri_01testpro";
    public const string Secret = "pdl_ntfset_for_tests_only";

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["Paddle:WebhookSecrets:0"] = Secret,
        ["Billing:InitialPlans:pro:Name"] = "Pro",
        ["Billing:InitialPlans:pro:Entitlements:0:Meter"] = "llm.requests",
        ["Billing:InitialPlans:pro:Entitlements:0:Window"] = "day",
        ["Billing:InitialPlans:pro:Entitlements:0:Limit"] = "1000",
        ["Billing:InitialPlans:pro:PaddlePriceIds:0"] = ProPrice,
    };

    /// <summary>Delivers a notification, signed as Paddle signs.</summary>
    public static HttpRequestMessage Delivery(string body, DateTimeOffset? signedAt = null, string secret = Secret) =>
        Delivery(Encoding.UTF8.GetBytes(body), signedAt, secret);

    /// <summary>Delivers bytes, signed as Paddle signs.</summary>
    public static HttpRequestMessage Delivery(byte[] body, DateTimeOffset? signedAt = null, string secret = Secret)
    {
        var timestamp = (signedAt ?? TimeProvider.System.GetUtcNow()).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToHexStringLower(PaddleSignature.Compute(timestamp, body, secret));
        return new HttpRequestMessage(HttpMethod.Post, "/webhooks/paddle")
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            Headers = { { PaddleSignature.HeaderName, $"ts={timestamp};h1={signature}" } },
        };
    }

    /// <summary>A notification about a subscription.</summary>
    public static string SubscriptionEvent(
        string subscription,
        string status = "active",
        string type = "subscription.updated",
        DateTimeOffset? occurredAt = null,
        string price = ProPrice,
        string? customer = null,
        string? customData = null,
        string? eventId = null) =>
        $$"""
        {
          "event_id": "{{eventId ?? $"evt_{Guid.CreateVersion7():N}"}}",
          "event_type": "{{type}}",
          "occurred_at": "{{(occurredAt ?? TimeProvider.System.GetUtcNow()).ToString("yyyy-MM-ddTHH:mm:ss.ffffff", CultureInfo.InvariantCulture)}}789Z",
          "notification_id": "ntf_{{Guid.CreateVersion7():N}}",
          "data": {
            "id": "{{subscription}}",
            "status": "{{status}}",
            "customer_id": "{{customer ?? $"ctm_{subscription}"}}",
            "custom_data": {{customData ?? "null"}},
            "current_billing_period": { "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-02-01T00:00:00Z" },
            "items": [ { "status": "active", "quantity": 1, "price": { "id": "{{price}}", "unit_price": { "amount": "3000", "currency_code": "USD" } } } ],
            "a_member_of_the_future": true
          }
        }
        """;
}
