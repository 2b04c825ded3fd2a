using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Transactions;

/// <summary><c>/pricing-preview</c>: what prices are for somebody, for a page of prices.</summary>
/// <param name="world">Knows prices and addresses.</param>
/// <param name="reader">Reads items.</param>
/// <param name="pricing">Computes.</param>
internal sealed class PricingPreviewApi(PaddleWorld world, LineReader reader, Pricing pricing)
{
    public void Map(PaddleRoutes routes) => routes.Post("/pricing-preview", Preview);

    private Answer Preview(PaddleCall call)
    {
        var body = call.Body;
        var items = RequestedItem.Read(body, required: true, quantityRequired: true);
        var (customerId, addressId, businessId) = (body.Text("customer_id"), body.Text("address_id"), body.Text("business_id"));
        var (currency, ip, discountId) = (body.Text("currency_code"), body.Text("customer_ip_address"), body.Text("discount_id"));
        var address = body.Object("address");
        var (country, postalCode) = (address?.Text("country_code", 2, required: true), address?.Text("postal_code"));
        address?.Close();
        if (currency is not null && Currencies.Find(currency) is null)
        {
            body.Error("currency_code", "is not a supported currency");
        }

        var said = (address is null ? 0 : 1) + (ip is null ? 0 : 1) + (addressId is null && customerId is null ? 0 : 1);
        if (said > 1)
        {
            body.Error("address", "send one of address, customer_ip_address, or customer_id with address_id");
        }

        if (body.Refuse() is { } refusal)
        {
            return refusal;
        }

        if (addressId is not null)
        {
            if (!world.Addresses.TryFind(addressId, out var known) || known.CustomerId != customerId)
            {
                return Refusal.NotFound(addressId);
            }

            country = known.CountryCode;
        }

        if (discountId is not null)
        {
            return Refusal.BadRequest("transaction_discount_not_found", "there is no such discount");
        }

        if (Lines(items!, out var lines) is { } refused)
        {
            return refused;
        }

        var payable = Pricing.CurrencyOf([.. lines.Select(line => line.Price)], country, currency);
        return Answer.Ok(new JsonObject
        {
            ["customer_id"] = customerId,
            ["address_id"] = addressId,
            ["business_id"] = businessId,
            ["discount_id"] = null,
            ["currency_code"] = payable,
            ["customer_ip_address"] = ip,
            ["address"] = country is null || addressId is not null ? null : new JsonObject { ["country_code"] = country, ["postal_code"] = postalCode },
            ["details"] = new JsonObject { ["line_items"] = Describe(lines, country, payable) },
            ["available_payment_methods"] = new JsonArray("card"),
        });
    }

    // Unlike a transaction, a page of prices may show monthly and yearly ones side by side.
    private Refusal? Lines(IReadOnlyList<RequestedItem> items, out IReadOnlyList<LineInput> lines)
    {
        var all = new List<LineInput>(items.Count);
        lines = all;
        foreach (var item in items)
        {
            if (reader.Read([item], out var one) is { } refusal)
            {
                return refusal;
            }

            // The price, not what a trial makes of it.
            all.Add(one[0] with { Factor = 1m });
        }

        return null;
    }

    private JsonArray Describe(IReadOnlyList<LineInput> lines, string? country, string currency) =>
    [
        .. pricing.Compute(lines, country, currency).LineItems.Select((line, index) => new JsonObject
        {
            ["price"] = PaddleJson.Of(lines[index].Price),
            ["quantity"] = line.Quantity,
            ["tax_rate"] = line.TaxRate,
            ["unit_totals"] = PaddleJson.Of(line.UnitTotals),
            ["formatted_unit_totals"] = Formatted(line.UnitTotals, currency),
            ["totals"] = PaddleJson.Of(line.Totals),
            ["formatted_totals"] = Formatted(line.Totals, currency),
            ["product"] = PaddleJson.Of(line.Product),
            ["discounts"] = new JsonArray(),
        }),
    ];

    private static JsonObject Formatted(LineTotals totals, string currency) => new()
    {
        ["subtotal"] = Currencies.Format(Pricing.Parse(totals.Subtotal), currency),
        ["discount"] = Currencies.Format(Pricing.Parse(totals.Discount), currency),
        ["tax"] = Currencies.Format(Pricing.Parse(totals.Tax), currency),
        ["total"] = Currencies.Format(Pricing.Parse(totals.Total), currency),
    };
}
