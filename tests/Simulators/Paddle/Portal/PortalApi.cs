using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Portal;

/// <summary><c>/customers/{id}/portal-sessions</c>.</summary>
/// <param name="world">Knows customers and subscriptions.</param>
/// <param name="links">Makes the links.</param>
internal sealed class PortalApi(PaddleWorld world, PortalLinks links)
{
    private const int MaximumSubscriptions = 25;

    public void Map(PaddleRoutes routes) => routes.Post("/customers/{id}/portal-sessions", Create, bodyOptional: true);

    private Answer Create(PaddleCall call)
    {
        if (!world.Customers.TryFind(call.Id, out var customer))
        {
            return Refusal.NotFound(call.Id);
        }

        var asked = call.Body.Texts("subscription_ids", 0, MaximumSubscriptions) ?? [];
        if (call.Body.Refuse() is { } refusal)
        {
            return refusal;
        }

        if (asked.FirstOrDefault(id => world.Subscriptions.Find(id)?.CustomerId != customer.Id) is { } foreign)
        {
            return Refusal.NotFound(foreign);
        }

        var session = links.Open(customer.Id);
        return Answer.Created(new JsonObject
        {
            ["id"] = world.Ids.New("cpls"),
            ["customer_id"] = customer.Id,
            ["urls"] = new JsonObject
            {
                ["general"] = new JsonObject { ["overview"] = links.Url(session, "overview") },
                ["subscriptions"] = new JsonArray(
                [
                    .. asked.Select(id => new JsonObject
                    {
                        ["id"] = id,
                        ["cancel_subscription"] = links.Url(session, "cancel_subscription", id),
                        ["update_subscription_payment_method"] = links.Url(session, "update_subscription_payment_method", id),
                    }),
                ]),
            },
            ["created_at"] = PaddleJson.Write(world.Clock.Now),
        });
    }
}
