using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Control;

/// <summary>Everything in one document, to look at when a test fails.</summary>
internal static class StateDump
{
    public static JsonObject Of(PaddleWorld world, DeliveryQueue queue)
    {
        var deliveries = queue.State;
        return new JsonObject
        {
            ["now"] = PaddleJson.Write(world.Clock.Now),
            ["products"] = Rows(world.Products),
            ["prices"] = Rows(world.Prices),
            ["customers"] = new JsonArray(
            [
                .. world.Customers.All.Select(customer =>
                {
                    var json = PaddleJson.Of(customer);
                    json["credit"] = new JsonObject(customer.Credit.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
                    json["card_declines"] = customer.Card.AlwaysDeclines ? "always" : customer.Card.Declines;
                    return json;
                }),
            ]),
            ["addresses"] = Rows(world.Addresses),
            ["transactions"] = Rows(world.Transactions),
            ["subscriptions"] = Rows(world.Subscriptions),
            ["adjustments"] = Rows(world.Adjustments),
            ["notifications"] = new JsonArray(
            [
                .. world.Notifications.All.Select(row => new JsonObject
                {
                    ["id"] = row.Id,
                    ["event_id"] = row.Event.Id,
                    ["event_type"] = row.Event.Type,
                    ["entity"] = (string?)row.Event.Data["id"],
                    ["occurred_at"] = PaddleJson.Write(row.Event.OccurredAt),
                    ["status"] = row.Status,
                    ["response_codes"] = new JsonArray([.. row.Attempts.Select(attempt => (JsonNode)attempt.ResponseCode)]),
                }),
            ]),
            ["deliveries"] = new JsonObject
            {
                ["settled"] = deliveries.Settled,
                ["pending"] = deliveries.Pending,
                ["held"] = deliveries.Held,
                ["retrying"] = deliveries.Retrying,
                ["failed"] = deliveries.Failed,
                ["delivered"] = deliveries.Delivered,
            },
        };
    }

    private static JsonArray Rows<T>(EntityTable<T> table)
        where T : class, IEntity => [.. table.All.Select(PaddleJson.Of)];
}
