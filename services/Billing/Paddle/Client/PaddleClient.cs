namespace BotGeneric.Billing.Paddle.Client;

/// <inheritdoc cref="IPaddleClient" />
/// <param name="transport">Sends.</param>
internal sealed partial class PaddleClient(PaddleTransport transport) : IPaddleClient
{
    // What Paddle gives at most; transactions and adjustments have limits of their own.
    private const int PageSize = 200;
    private const int TransactionPageSize = 30;
    private const int AdjustmentPageSize = 50;
    private const int MaximumPortalSubscriptions = 25;

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleProduct> ListProductsAsync(PaddleProductFilter? filter, CancellationToken cancellationToken) =>
        transport.ListAsync<PaddleProduct>("products", (filter ?? new PaddleProductFilter()).ToQuery(), PageSize, cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleProduct>> CreateProductAsync(PaddleProductCreation product, CancellationToken cancellationToken) =>
        transport.ChangeAsync<PaddleProductCreation, PaddleProduct>(HttpMethod.Post, "products", product, cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleProduct>> UpdateProductAsync(string productId, PaddleProductChange change, CancellationToken cancellationToken) =>
        transport.ChangeAsync<PaddleProductChange, PaddleProduct>(HttpMethod.Patch, $"products/{Id(productId)}", change, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<PaddlePrice> ListPricesAsync(PaddlePriceFilter? filter, CancellationToken cancellationToken) =>
        transport.ListAsync<PaddlePrice>("prices", (filter ?? new PaddlePriceFilter()).ToQuery(), PageSize, cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddlePrice>> CreatePriceAsync(PaddlePriceCreation price, CancellationToken cancellationToken) =>
        transport.ChangeAsync<PaddlePriceCreation, PaddlePrice>(HttpMethod.Post, "prices", price, cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddlePrice>> UpdatePriceAsync(string priceId, PaddlePriceChange change, CancellationToken cancellationToken) =>
        transport.ChangeAsync<PaddlePriceChange, PaddlePrice>(HttpMethod.Patch, $"prices/{Id(priceId)}", change, cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddlePricingPreview>> PreviewPricesAsync(PaddlePricingQuestion question, CancellationToken cancellationToken) =>
        transport.AskAsync<PaddlePricingQuestion, PaddlePricingPreview>(
            HttpMethod.Post, "pricing-preview", question, cancellationToken, isPricePreview: true);

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleCurrency> ListCurrenciesAsync(CancellationToken cancellationToken) =>
        transport.ListAsync<PaddleCurrency>("currencies", new PaddleQuery(), PageSize, cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSourceAddresses>> GetSourceAddressesAsync(CancellationToken cancellationToken) =>
        transport.GetAsync<PaddleSourceAddresses>("ips", cancellationToken, needsKey: false);

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleEvent> ListEventsAsync(PaddleEventFilter? filter, CancellationToken cancellationToken) =>
        transport.ListAsync<PaddleEvent>("events", (filter ?? new PaddleEventFilter()).ToQuery(), PageSize, cancellationToken);

    // An id becomes part of a path: one with a slash or a point would lead to another resource.
    private static string Id(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return id.All(character => char.IsAsciiLetterOrDigit(character) || character == '_')
            ? id
            : throw new ArgumentException("An id of Paddle has letters, digits and underscores only.", nameof(id));
    }
}
