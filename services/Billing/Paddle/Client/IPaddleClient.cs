namespace BotGeneric.Billing.Paddle.Client;

/// <summary>
/// Paddle's API, as much of it as this service uses. Every call says what became of it; lists throw <see cref="PaddleException"/> when a page
/// cannot be read, and behind their end when single things in them could not: whoever looks for something then knows that it may be one of these, and
/// <see cref="PaddleLists.EachAsync{T}"/> tells them apart. Reads are repeated when that may help, changes never: after <see cref="PaddleOutcome.Unknown"/> read again before doing
/// anything twice. A call that is canceled by its caller throws; whether a change was made is then as unknown.
/// </summary>
public interface IPaddleClient : IPaddleCatalogue, IPaddleCustomers, IPaddleTransactions, IPaddleSubscriptions, IPaddleReference;

/// <summary>Products and prices.</summary>
public interface IPaddleCatalogue
{
    /// <summary>Lists products.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    IAsyncEnumerable<PaddleProduct> ListProductsAsync(PaddleProductFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>Creates a product.</summary>
    /// <param name="product">The product.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleProduct>> CreateProductAsync(PaddleProductCreation product, CancellationToken cancellationToken);

    /// <summary>Changes a product.</summary>
    /// <param name="productId"><c>pro_…</c>.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleProduct>> UpdateProductAsync(string productId, PaddleProductChange change, CancellationToken cancellationToken);

    /// <summary>Lists prices.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    IAsyncEnumerable<PaddlePrice> ListPricesAsync(PaddlePriceFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>Creates a price.</summary>
    /// <param name="price">The price.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddlePrice>> CreatePriceAsync(PaddlePriceCreation price, CancellationToken cancellationToken);

    /// <summary>Changes a price, or takes it out of sale.</summary>
    /// <param name="priceId"><c>pri_…</c>.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddlePrice>> UpdatePriceAsync(string priceId, PaddlePriceChange change, CancellationToken cancellationToken);

    /// <summary>What prices are for somebody.</summary>
    /// <param name="question">Which prices, for whom.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddlePricingPreview>> PreviewPricesAsync(PaddlePricingQuestion question, CancellationToken cancellationToken);
}

/// <summary>Buyers.</summary>
public interface IPaddleCustomers
{
    /// <summary>
    /// Creates a customer, or finds the one that has the address already, archived ones included: Paddle has one customer for an address. Who is
    /// found may be another account's: an address proves nothing, so look whose it is before it is used, and at its status.
    /// </summary>
    /// <param name="customer">The customer.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleCustomer>> CreateOrFindCustomerAsync(PaddleCustomerCreation customer, CancellationToken cancellationToken);

    /// <summary>Reads a customer.</summary>
    /// <param name="customerId"><c>ctm_…</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleCustomer>> GetCustomerAsync(string customerId, CancellationToken cancellationToken);

    /// <summary>Changes a customer.</summary>
    /// <param name="customerId"><c>ctm_…</c>.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleCustomer>> UpdateCustomerAsync(string customerId, PaddleCustomerChange change, CancellationToken cancellationToken);

    /// <summary>Lists what a customer saved to pay with.</summary>
    /// <param name="customerId"><c>ctm_…</c>.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    IAsyncEnumerable<PaddlePaymentMethod> ListPaymentMethodsAsync(string customerId, CancellationToken cancellationToken = default);

    /// <summary>Makes links to a customer's portal. Hand them to the customer at once; never store, cache or log them.</summary>
    /// <param name="customerId"><c>ctm_…</c>.</param>
    /// <param name="subscriptionIds">At most 25 that get links of their own.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddlePortalSession>> CreatePortalSessionAsync(
        string customerId, IReadOnlyList<string> subscriptionIds, CancellationToken cancellationToken);
}

/// <summary>Checkouts, payments and what is given back.</summary>
public interface IPaddleTransactions
{
    /// <summary>Creates a transaction, with the page where it is paid.</summary>
    /// <param name="transaction">The transaction. Put a reference of yours in its custom data.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleTransaction>> CreateTransactionAsync(PaddleTransactionCreation transaction, CancellationToken cancellationToken);

    /// <summary>Reads a transaction.</summary>
    /// <param name="transactionId"><c>txn_…</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleTransaction>> GetTransactionAsync(string transactionId, CancellationToken cancellationToken);

    /// <summary>Lists transactions, newest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    IAsyncEnumerable<PaddleTransaction> ListTransactionsAsync(PaddleTransactionFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>Changes a transaction that nobody has paid.</summary>
    /// <param name="transactionId"><c>txn_…</c>.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleTransaction>> UpdateTransactionAsync(
        string transactionId, PaddleTransactionChange change, CancellationToken cancellationToken);

    /// <summary>A link to the invoice as PDF, good for about an hour. Hand it on at once.</summary>
    /// <param name="transactionId"><c>txn_…</c>, billed or completed.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleDocument>> GetInvoiceAsync(string transactionId, CancellationToken cancellationToken);

    /// <summary>Asks Paddle to give money back.</summary>
    /// <param name="refund">How much of what.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleAdjustment>> RefundAsync(PaddleRefund refund, CancellationToken cancellationToken);

    /// <summary>Lists adjustments, newest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    IAsyncEnumerable<PaddleAdjustment> ListAdjustmentsAsync(PaddleAdjustmentFilter? filter = null, CancellationToken cancellationToken = default);
}

/// <summary>Subscriptions.</summary>
public interface IPaddleSubscriptions
{
    /// <summary>Reads a subscription.</summary>
    /// <param name="subscriptionId"><c>sub_…</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <param name="includeNext">Whether the next renewal comes with it.</param>
    Task<PaddleResult<PaddleSubscription>> GetSubscriptionAsync(
        string subscriptionId, CancellationToken cancellationToken, bool includeNext = false);

    /// <summary>Lists subscriptions.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    IAsyncEnumerable<PaddleSubscription> ListSubscriptionsAsync(
        PaddleSubscriptionFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>Changes a subscription.</summary>
    /// <param name="subscriptionId"><c>sub_…</c>.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleSubscription>> UpdateSubscriptionAsync(
        string subscriptionId, PaddleSubscriptionChange change, CancellationToken cancellationToken);

    /// <summary>What a change would do, computed by Paddle. Nothing changes.</summary>
    /// <param name="subscriptionId"><c>sub_…</c>.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleSubscriptionPreview>> PreviewSubscriptionAsync(
        string subscriptionId, PaddleSubscriptionChange change, CancellationToken cancellationToken);

    /// <summary>Undoes a scheduled cancellation or pause.</summary>
    /// <param name="subscriptionId"><c>sub_…</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleSubscription>> RemoveScheduledChangeAsync(string subscriptionId, CancellationToken cancellationToken);

    /// <summary>Pauses a subscription.</summary>
    /// <param name="subscriptionId"><c>sub_…</c>.</param>
    /// <param name="pause">When and for how long.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleSubscription>> PauseSubscriptionAsync(string subscriptionId, PaddlePause pause, CancellationToken cancellationToken);

    /// <summary>Resumes a paused subscription, which charges at once by default.</summary>
    /// <param name="subscriptionId"><c>sub_…</c>.</param>
    /// <param name="resume">When and on what terms.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleSubscription>> ResumeSubscriptionAsync(string subscriptionId, PaddleResume resume, CancellationToken cancellationToken);

    /// <summary>Cancels a subscription. Once it has taken effect it cannot be undone.</summary>
    /// <param name="subscriptionId"><c>sub_…</c>.</param>
    /// <param name="effectiveFrom">One of <see cref="PaddleEffectiveFrom"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleSubscription>> CancelSubscriptionAsync(string subscriptionId, string effectiveFrom, CancellationToken cancellationToken);

    /// <summary>Ends a trial and charges now. Only for automatic collection.</summary>
    /// <param name="subscriptionId"><c>sub_…</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleSubscription>> ActivateSubscriptionAsync(string subscriptionId, CancellationToken cancellationToken);

    /// <summary>The transaction with which the buyer leaves another payment method: the unpaid one, or one about nothing.</summary>
    /// <param name="subscriptionId"><c>sub_…</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleTransaction>> GetPaymentMethodTransactionAsync(string subscriptionId, CancellationToken cancellationToken);
}

/// <summary>Currencies, addresses and events.</summary>
public interface IPaddleReference
{
    /// <summary>Lists the currencies with their decimal places.</summary>
    /// <param name="cancellationToken">Ends the list.</param>
    IAsyncEnumerable<PaddleCurrency> ListCurrenciesAsync(CancellationToken cancellationToken = default);

    /// <summary>Where notifications come from. Needs no key.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddleSourceAddresses>> GetSourceAddressesAsync(CancellationToken cancellationToken);

    /// <summary>Lists events of the last 90 days, oldest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    IAsyncEnumerable<PaddleEvent> ListEventsAsync(PaddleEventFilter? filter = null, CancellationToken cancellationToken = default);
}
