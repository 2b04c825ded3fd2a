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

    /// <summary>Our mark on a price without the plan's trial: our id of the price.</summary>
    internal const string PriceWithoutTrialKey = "priceIdWithoutTrial";

    /// <summary>Why nothing is done with what cannot be read.</summary>
    internal const string CannotBeRead = "Paddle has it in a shape that this version cannot read; the log says where. It is left as it is.";

    internal const string Active = "active";
    internal const string Archived = "archived";

    private static readonly string[] EveryStatus = [Active, Archived];

    private readonly Dictionary<string, PaddleProduct> _products = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PaddlePrice> _prices = new(StringComparer.Ordinal);

    private readonly List<PaddleUnreadable> _unreadable = [];

    private RemoteCatalogue()
    {
    }

    /// <summary>Every price that can be read.</summary>
    internal IReadOnlyCollection<PaddlePrice> Prices => _prices.Values;

    /// <summary>Reads it.</summary>
    /// <param name="paddle">Paddle.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="PaddleException">It cannot be read.</exception>
    internal static async Task<RemoteCatalogue> ReadAsync(IPaddleCatalogue paddle, CancellationToken cancellationToken)
    {
        var catalogue = new RemoteCatalogue();
        await foreach (var (product, unreadable) in paddle.ListProductsAsync(new PaddleProductFilter(EveryStatus), cancellationToken).EachAsync(cancellationToken))
        {
            if (product is not null)
            {
                catalogue.Learn(product);
            }
            else
            {
                catalogue._unreadable.Add(unreadable!);
            }
        }

        await foreach (var (price, unreadable) in paddle.ListPricesAsync(new PaddlePriceFilter(Statuses: EveryStatus), cancellationToken).EachAsync(cancellationToken))
        {
            if (price is not null)
            {
                catalogue.Learn(price);
            }
            else
            {
                catalogue._unreadable.Add(unreadable!);
            }
        }

        return catalogue;
    }

    /// <summary>
    /// What is there of a plan, or of one of its prices, and cannot be read: it is neither missing, so that nothing is made in its place, nor to be compared.
    /// </summary>
    /// <param name="id">What it is called at Paddle, when that is known.</param>
    /// <param name="key">Which mark of ours it has.</param>
    /// <param name="mark">What the mark says.</param>
    /// <returns>Paddle's id, or the mark where the id cannot be read; null when there is nothing of the kind.</returns>
    internal string? FindUnreadable(string? id, string key, string mark) =>
        _unreadable.Find(one => (id is not null && one.Id == id) || Text(one.CustomData, key) == mark) is { } found ? found.Id ?? mark : null;

    /// <summary>Whether something with this id is there and cannot be read.</summary>
    /// <param name="id">What it is called at Paddle.</param>
    internal bool IsUnreadable(string? id) => id is not null && _unreadable.Exists(one => one.Id == id);

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
    internal PaddlePrice? PriceOf(CataloguePrice sold) => _prices.Values
        .Where(price => IsMarked(price, sold))
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
    internal static bool IsMarked(PaddlePrice price, CataloguePrice sold) => Text(price.CustomData, sold.Key) == sold.Price.Id.ToString();

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
