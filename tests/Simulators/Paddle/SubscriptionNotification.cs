using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BotGeneric.Simulators.Paddle;

/// <summary>A notification about a subscription, with the members that Paddle documents for one.</summary>
/// <param name="EventType"><c>subscription.created</c>, <c>.activated</c>, <c>.updated</c>, <c>.past_due</c>, <c>.paused</c>, <c>.resumed</c>, <c>.canceled</c>, <c>.trialing</c> or <c>.imported</c>.</param>
/// <param name="Status"><c>active</c>, <c>trialing</c>, <c>past_due</c>, <c>paused</c> or <c>canceled</c>.</param>
/// <param name="PriceId">The price that is subscribed to, <c>pri_…</c>.</param>
/// <param name="SubscriptionId">The subscription, <c>sub_…</c>; a new one by default.</param>
/// <param name="CustomerId">The payer, <c>ctm_…</c>; a new one by default.</param>
/// <param name="AccountId">The account of the system that our checkout attached; none by default.</param>
/// <param name="OccurredAt">When it happened; now by default.</param>
public sealed record SubscriptionNotification(
    string EventType,
    string Status,
    string PriceId,
    string? SubscriptionId = null,
    string? CustomerId = null,
    Guid? AccountId = null,
    DateTimeOffset? OccurredAt = null)
{
    private const string IdAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    internal static readonly string[] EventTypes =
    [
        "subscription.created", "subscription.activated", "subscription.updated", "subscription.trialing", "subscription.past_due",
        "subscription.paused", "subscription.resumed", "subscription.canceled", "subscription.imported",
    ];

    internal static readonly string[] Statuses = ["active", "trialing", "past_due", "paused", "canceled"];

    internal SentNotification Build(DateTimeOffset now, Random random)
    {
        var eventId = NewId("evt", random);
        var subscription = SubscriptionId ?? NewId("sub", random);
        var customer = CustomerId ?? NewId("ctm", random);
        var hasPeriod = Status is not ("paused" or "canceled");
        var envelope = new JsonObject
        {
            ["event_id"] = eventId,
            ["event_type"] = EventType,
            ["occurred_at"] = Time(OccurredAt ?? now),
            ["notification_id"] = NewId("ntf", random),
            ["data"] = new JsonObject
            {
                ["id"] = subscription,
                ["status"] = Status,
                ["customer_id"] = customer,
                ["address_id"] = NewId("add", random),
                ["business_id"] = null,
                ["currency_code"] = "USD",
                ["created_at"] = Time(now),
                ["updated_at"] = Time(now),
                ["started_at"] = Time(now),
                ["first_billed_at"] = Time(now),
                ["next_billed_at"] = hasPeriod ? Time(now.AddMonths(1)) : null,
                ["paused_at"] = Status == "paused" ? Time(now) : null,
                ["canceled_at"] = Status == "canceled" ? Time(now) : null,
                ["collection_mode"] = "automatic",
                ["billing_details"] = null,
                ["current_billing_period"] = hasPeriod ? new JsonObject { ["starts_at"] = Time(now), ["ends_at"] = Time(now.AddMonths(1)) } : null,
                ["billing_cycle"] = new JsonObject { ["interval"] = "month", ["frequency"] = 1 },
                ["scheduled_change"] = null,
                ["discount"] = null,
                ["import_meta"] = null,
                ["custom_data"] = AccountId is { } account ? new JsonObject { ["accountId"] = account } : null,
                ["items"] = new JsonArray(Item(now)),
            },
        };
        return new SentNotification(eventId, subscription, customer, JsonSerializer.SerializeToUtf8Bytes(envelope));
    }

    private JsonObject Item(DateTimeOffset now) => new()
    {
        ["status"] = Status == "trialing" ? "trialing" : "active",
        ["quantity"] = 1,
        ["recurring"] = true,
        ["created_at"] = Time(now),
        ["updated_at"] = Time(now),
        ["price"] = new JsonObject
        {
            ["id"] = PriceId,
            ["description"] = "Monthly",
            ["status"] = "active",
            ["unit_price"] = new JsonObject { ["amount"] = "3000", ["currency_code"] = "USD" },
            ["billing_cycle"] = new JsonObject { ["interval"] = "month", ["frequency"] = 1 },
        },
    };

    private static string NewId(string prefix, Random random) => $"{prefix}_{new string(random.GetItems<char>(IdAlphabet, 26))}";

    private static string Time(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}

/// <summary>A notification that was built.</summary>
/// <param name="EventId">Its event.</param>
/// <param name="SubscriptionId">Its subscription.</param>
/// <param name="CustomerId">Its payer.</param>
/// <param name="Body">Its body.</param>
internal sealed record SentNotification(string EventId, string SubscriptionId, string CustomerId, byte[] Body);
