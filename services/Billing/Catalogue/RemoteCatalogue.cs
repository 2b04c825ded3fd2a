using System.Text.Json;
using System.Text.Json.Nodes;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;

namespace BotGeneric.Billing.Catalogue;

/// <summary>Paddle's catalogue at one moment, archived things included.</summary>
internal sealed class RemoteCatalogue
{
    /// <summary>Our mark on a product: the plan's code.</summary>
    internal const string PlanCodeKey = "planCode";

    /// <summary>Our mark on a price: our id of it.</summary>
    internal const string PriceIdKey = "priceId";

    internal const string Active = "active";
    internal const string Archived = "archived";

    private static readonly string[] EveryStatus = [Active, Archived];

    private readonly Dictionary<string, PaddleProduct> _products = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PaddlePrice> _prices = new(StringComparer.Ordinal);

    private RemoteCatalogue()
    {
    }

    /// <summary>Every price.</summary>
    internal IReadOnlyCollection<PaddlePrice> Prices => _prices.Values;

    /// <summary>Reads it.</summary>
    /// <param name="paddle">Paddle.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="PaddleException">It cannot be read.</exception>
    internal static async Task<RemoteCatalogue> ReadAsync(IPaddleCatalogue paddle, CancellationToken cancellationToken)
    {
        var catalogue = new RemoteCatalogue();
        await foreach (var product in paddle.ListProductsAsync(new PaddleProductFilter(EveryStatus), cancellationToken))
        {
            catalogue.Learn(product);
        }

        await foreach (var price in paddle.ListPricesAsync(new PaddlePriceFilter(Statuses: EveryStatus), cancellationToken))
        {
            catalogue.Learn(price);
        }

        return catalogue;
    }

    /// <summary>A product by its id.</summary>
    internal PaddleProduct? Product(string? id) => id is null ? null : _products.GetValueOrDefault(id);

    /// <summary>A price by its id.</summary>
    internal PaddlePrice? Price(string? id) => id is null ? null : _prices.GetValueOrDefault(id);

    /// <summary>The product that has our mark for a plan: of several the one on sale, then the oldest.</summary>
    internal PaddleProduct? ProductOfPlan(string code) => _products.Values
        .Where(product => Text(product.CustomData, PlanCodeKey) == code)
        .OrderBy(product => product.Status == Archived).ThenBy(product => product.CreatedAt).ThenBy(product => product.Id, StringComparer.Ordinal)
        .FirstOrDefault();

    /// <summary>The price that has our mark: of several the one on sale, then the oldest.</summary>
    internal PaddlePrice? PriceOf(Guid id) => _prices.Values
        .Where(price => IsMarked(price, id))
        .OrderBy(price => price.Status == Archived).ThenBy(price => price.CreatedAt).ThenBy(price => price.Id, StringComparer.Ordinal)
        .FirstOrDefault();

    /// <summary>Takes over what Paddle has answered since.</summary>
    internal void Learn(PaddleProduct product)
    {
        if (product.Id is not null)
        {
            _products[product.Id] = product;
        }
    }

    /// <summary>Takes over what Paddle has answered since.</summary>
    internal void Learn(PaddlePrice price) => _prices[price.Id] = price;

    /// <summary>Whether a price has our mark.</summary>
    internal static bool IsMarked(PaddlePrice price, Guid id) => Text(price.CustomData, PriceIdKey) == id.ToString();

    /// <summary>Whether a product has our mark.</summary>
    internal static bool IsMarked(PaddleProduct product, string code) => Text(product.CustomData, PlanCodeKey) == code;

    /// <summary>A text of ours.</summary>
    internal static string? Text(JsonElement? data, string key) =>
        data is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>What somebody else attached, with our mark. Paddle replaces custom data as a whole.</summary>
    internal static JsonObject Mark(JsonElement? data, string key, string value)
    {
        var marked = data is { ValueKind: JsonValueKind.Object } json ? JsonObject.Create(json)! : [];
        marked[key] = value;
        return marked;
    }
}
