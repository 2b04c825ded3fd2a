using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Transactions;

/// <summary>An item of a request.</summary>
/// <param name="PriceId">The price.</param>
/// <param name="Quantity">How many; null where it was left out.</param>
internal sealed record RequestedItem(string PriceId, int? Quantity)
{
    /// <summary>Reads a list of items that name prices of the catalogue.</summary>
    public static List<RequestedItem>? Read(Fields body, bool required, bool quantityRequired, int minimum = 1)
    {
        if (body.Objects("items", minimum, 100, required) is not { } objects)
        {
            return null;
        }

        var items = new List<RequestedItem>(objects.Count);
        foreach (var item in objects)
        {
            var (priceId, quantity) = (item.Text("price_id", required: true), item.Number("quantity", 1, 999_999_999, quantityRequired));
            item.Close();
            if (priceId is not null)
            {
                items.Add(new RequestedItem(priceId, quantity));
            }
        }

        return items;
    }
}

/// <summary>Turns requested items into lines, as strictly as Paddle does. Guarded by the world's lock.</summary>
/// <param name="world">The catalogue.</param>
internal sealed class LineReader(PaddleWorld world)
{
    /// <summary>The lines of a purchase.</summary>
    /// <param name="items">What was asked for.</param>
    /// <param name="lines">The lines; empty when something was refused.</param>
    public Refusal? Read(IReadOnlyList<RequestedItem> items, out IReadOnlyList<LineInput> lines)
    {
        var found = new List<LineInput>(items.Count);
        lines = [];
        foreach (var item in items)
        {
            if (!world.Prices.TryFind(item.PriceId, out var price))
            {
                return Refusal.BadRequest("transaction_price_not_found", $"price {item.PriceId} not found");
            }

            if (price.Status == Statuses.Archived)
            {
                return Refusal.BadRequest("entity_archived", $"price {item.PriceId} is archived");
            }

            var quantity = item.Quantity ?? 1;
            if (quantity < price.Quantity.Minimum || quantity > price.Quantity.Maximum)
            {
                return Refusal.BadRequest(
                    "transaction_item_quantity_out_of_range",
                    FormattableString.Invariant($"quantity of {price.Id} must be from {price.Quantity.Minimum} to {price.Quantity.Maximum}"));
            }

            // During a trial nothing is charged for.
            found.Add(new LineInput(price.Copy(), world.Products.Find(price.ProductId)!.Copy(), quantity, price.TrialPeriod is null ? 1m : 0m));
        }

        if (items.DistinctBy(item => item.PriceId, StringComparer.Ordinal).Count() < items.Count)
        {
            return Refusal.BadRequest("transaction_duplicate_price_ids", "a price is in the items more than once");
        }

        var recurring = found.Where(line => line.Price.BillingCycle is not null).ToArray();
        if (recurring.DistinctBy(line => line.Price.BillingCycle).Count() > 1)
        {
            return Refusal.BadRequest("transaction_price_different_billing_cycle", "recurring items must have the same billing cycle");
        }

        if (recurring.DistinctBy(line => line.Price.TrialPeriod).Count() > 1)
        {
            return Refusal.BadRequest("transaction_price_different_trial_period", "recurring items must have the same trial period");
        }

        lines = found;
        return null;
    }
}
