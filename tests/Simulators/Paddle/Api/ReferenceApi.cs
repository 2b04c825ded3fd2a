using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Money;

namespace BotGeneric.Simulators.Paddle.Api;

/// <summary><c>/currencies</c> and <c>/ips</c>: what does not change.</summary>
internal sealed class ReferenceApi
{
    public void Map(PaddleRoutes routes)
    {
        routes.Get("/currencies", _ => Answer.Ok(new JsonArray(
        [
            .. Currencies.All.Select(currency => new JsonObject
            {
                ["code"] = currency.Code,
                ["decimal_places"] = currency.DecimalPlaces,
                ["minimum_payment_amount"] = new JsonObject { ["amount"] = Minor.Text(currency.MinimumPaymentAmount), ["currency_code"] = currency.Code },
            }),
        ])));
        // Where this simulator's deliveries come from.
        routes.Get("/ips", _ => Answer.Ok(new JsonObject { ["ipv4_cidrs"] = new JsonArray("127.0.0.1/32") }));
    }
}
