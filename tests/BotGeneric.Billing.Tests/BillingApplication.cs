using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Paddle;
using BotGeneric.Testing.Services;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Tests;

/// <summary>Billing with one plan, sold by <see cref="ProPrice"/>.</summary>
public class BillingApplication() : ServiceApplication<Program>("billing")
{
    public const string ProPrice = "pri_01testpro";
    public const string TeamPrice = "pri_01testteam";
    public const string Secret = "pdl_ntfset_for_tests_only";
    public const string ReferenceKey = "only-for-tests-0123456789-0123456789";

    /// <summary>Signs as the application does.</summary>
    public static CheckoutReferences References { get; } = new(Options.Create(new BillingOptions { ReferenceKeys = [ReferenceKey] }));

    protected override IReadOnlyDictionary<string, string> Settings => DefaultSettings;

    /// <summary>What Billing needs to start, and two plans.</summary>
    internal static Dictionary<string, string> DefaultSettings => new()
    {
        ["Paddle:WebhookSecrets:0"] = Secret,
        // On a busy machine more than a few seconds may lie between a signature and its check.
        ["Paddle:SignatureTolerance"] = "00:05:00",
        ["Billing:ReferenceKeys:0"] = ReferenceKey,
        ["Billing:InitialPlans:pro:Name:En"] = "Pro",
        ["Billing:InitialPlans:pro:Entitlements:0:Meter"] = "llm.requests",
        ["Billing:InitialPlans:pro:Entitlements:0:Window"] = "day",
        ["Billing:InitialPlans:pro:Entitlements:0:Limit"] = "1000",
        ["Billing:InitialPlans:pro:Prices:0:Amount"] = "30.00",
        ["Billing:InitialPlans:pro:Prices:0:Currency"] = "USD",
        ["Billing:InitialPlans:pro:Prices:0:PaddlePriceId"] = ProPrice,
        ["Billing:InitialPlans:team:Name:En"] = "Team",
        ["Billing:InitialPlans:team:Entitlements:0:Meter"] = "llm.requests",
        ["Billing:InitialPlans:team:Entitlements:0:Window"] = "day",
        ["Billing:InitialPlans:team:Entitlements:0:Limit"] = "5000",
        ["Billing:InitialPlans:team:Prices:0:Amount"] = "90.00",
        ["Billing:InitialPlans:team:Prices:0:Currency"] = "USD",
        ["Billing:InitialPlans:team:Prices:0:PaddlePriceId"] = TeamPrice,
    };

    /// <summary>What a checkout of ours attaches, for an account.</summary>
    public static string CustomDataFor(Guid account, Guid? checkout = null) =>
        $$"""{ "reference": "{{References.Create(checkout ?? Guid.CreateVersion7(), account)}}" }""";

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
