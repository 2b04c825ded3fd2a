using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;

namespace BotGeneric.Billing.Tests.Shop;

public sealed partial class FakePaddle
{
    /// <summary>The transactions for which there is an invoice to read.</summary>
    public HashSet<string> Invoices { get; } = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleTransaction>> GetTransactionAsync(string transactionId, CancellationToken cancellationToken) =>
        Task.FromResult(Trouble(transactionId) is { } trouble ? trouble : Read(Transactions.GetValueOrDefault(transactionId)));

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleTransaction> ListTransactionsAsync(PaddleTransactionFilter? filter = null, CancellationToken cancellationToken = default) =>
        WithTroubles(Transactions.Values
            .Where(transaction => filter?.CreatedAfter is not { } after || transaction.CreatedAt > after)
            .OrderByDescending(transaction => transaction.CreatedAt));

    /// <inheritdoc />
    public Task<PaddleResult<PaddleDocument>> GetInvoiceAsync(string transactionId, CancellationToken cancellationToken) =>
        Task.FromResult(Read(Invoices.Contains(transactionId) ? new PaddleDocument($"https://invoices.example/{transactionId}") : null));

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscription>> GetSubscriptionAsync(string subscriptionId, CancellationToken cancellationToken, bool includeNext = false) =>
        Task.FromResult(Read(Subscriptions.GetValueOrDefault(subscriptionId)));

    /// <inheritdoc />
    public Task<PaddleResult<PaddleTransaction>> GetPaymentMethodTransactionAsync(string subscriptionId, CancellationToken cancellationToken)
    {
        var now = Now();
        return Task.FromResult(Read(Subscriptions.ContainsKey(subscriptionId)
            ? new PaddleTransaction
            {
                Id = Id("txn"),
                Status = PaddleTransactionStatuses.Ready,
                SubscriptionId = subscriptionId,
                CurrencyCode = "USD",
                Details = new PaddleTransactionDetails { Totals = TotalsOf(0) },
                Checkout = new PaddleCheckout($"https://shop.example/pay?of={subscriptionId}"),
                CreatedAt = now,
                UpdatedAt = now,
            }
            : null));
    }

    /// <inheritdoc />
    public Task<PaddleResult<PaddlePortalSession>> CreatePortalSessionAsync(string customerId, IReadOnlyList<string> subscriptionIds, CancellationToken cancellationToken) =>
        Task.FromResult(Change<PaddlePortalSession>("portal", subscriptionIds, () => new PaddlePortalSession
        {
            Id = Id("cpls"),
            CustomerId = customerId,
            Urls = new PaddlePortalUrls(
                new PaddlePortalGeneralUrls($"https://portal.example/{customerId}"),
                [.. subscriptionIds.Select(id => new PaddlePortalSubscriptionUrls(id, $"https://portal.example/cancel/{id}", $"https://portal.example/pay/{id}"))]),
        }));

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleSubscription> ListSubscriptionsAsync(PaddleSubscriptionFilter? filter = null, CancellationToken cancellationToken = default) =>
        Subscriptions.Values.ToAsyncEnumerable();

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleAdjustment> ListAdjustmentsAsync(PaddleAdjustmentFilter? filter = null, CancellationToken cancellationToken = default) =>
        AsyncEnumerable.Empty<PaddleAdjustment>();

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleProduct> ListProductsAsync(PaddleProductFilter? filter = null, CancellationToken cancellationToken = default) =>
        AsyncEnumerable.Empty<PaddleProduct>();

    /// <inheritdoc />
    public IAsyncEnumerable<PaddlePrice> ListPricesAsync(PaddlePriceFilter? filter = null, CancellationToken cancellationToken = default) =>
        Prices.Values.ToAsyncEnumerable();

    /// <inheritdoc />
    public IAsyncEnumerable<PaddlePaymentMethod> ListPaymentMethodsAsync(string customerId, CancellationToken cancellationToken = default) =>
        AsyncEnumerable.Empty<PaddlePaymentMethod>();

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleCurrency> ListCurrenciesAsync(CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<PaddleCurrency>();

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleEvent> ListEventsAsync(PaddleEventFilter? filter = null, CancellationToken cancellationToken = default) =>
        AsyncEnumerable.Empty<PaddleEvent>();

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSourceAddresses>> GetSourceAddressesAsync(CancellationToken cancellationToken) => No<PaddleSourceAddresses>();

    /// <inheritdoc />
    public Task<PaddleResult<PaddleAdjustment>> RefundAsync(PaddleRefund refund, CancellationToken cancellationToken) => No<PaddleAdjustment>();

    /// <inheritdoc />
    public Task<PaddleResult<PaddleProduct>> CreateProductAsync(PaddleProductCreation product, CancellationToken cancellationToken) => No<PaddleProduct>();

    /// <inheritdoc />
    public Task<PaddleResult<PaddleProduct>> UpdateProductAsync(string productId, PaddleProductChange change, CancellationToken cancellationToken) => No<PaddleProduct>();

    /// <inheritdoc />
    public Task<PaddleResult<PaddlePrice>> CreatePriceAsync(PaddlePriceCreation price, CancellationToken cancellationToken) => No<PaddlePrice>();

    /// <inheritdoc />
    public Task<PaddleResult<PaddlePrice>> UpdatePriceAsync(string priceId, PaddlePriceChange change, CancellationToken cancellationToken) => No<PaddlePrice>();

    /// <inheritdoc />
    public Task<PaddleResult<PaddlePricingPreview>> PreviewPricesAsync(PaddlePricingQuestion question, CancellationToken cancellationToken) => No<PaddlePricingPreview>();

    /// <inheritdoc />
    public Task<PaddleResult<PaddleCustomer>> CreateOrFindCustomerAsync(PaddleCustomerCreation customer, CancellationToken cancellationToken) => No<PaddleCustomer>();

    /// <inheritdoc />
    public Task<PaddleResult<PaddleCustomer>> GetCustomerAsync(string customerId, CancellationToken cancellationToken) => No<PaddleCustomer>();

    /// <inheritdoc />
    public Task<PaddleResult<PaddleCustomer>> UpdateCustomerAsync(string customerId, PaddleCustomerChange change, CancellationToken cancellationToken) => No<PaddleCustomer>();

    // The shop asks for none of it.
    private static Task<PaddleResult<T>> No<T>()
        where T : class => Task.FromResult<PaddleResult<T>>(new PaddleFailure(PaddleOutcome.Unavailable));
}
