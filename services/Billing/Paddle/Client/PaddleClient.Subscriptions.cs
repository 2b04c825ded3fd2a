namespace BotGeneric.Billing.Paddle.Client;

internal sealed partial class PaddleClient
{
    private static readonly PaddleNothing Nothing = new();

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscription>> GetSubscriptionAsync(
        string subscriptionId, CancellationToken cancellationToken, bool includeNext) =>
        transport.GetAsync<PaddleSubscription>(
            $"subscriptions/{Id(subscriptionId)}{(includeNext ? "?include=next_transaction,recurring_transaction_details" : string.Empty)}",
            cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleSubscription> ListSubscriptionsAsync(PaddleSubscriptionFilter? filter, CancellationToken cancellationToken) =>
        transport.ListAsync<PaddleSubscription>("subscriptions", (filter ?? new PaddleSubscriptionFilter()).ToQuery(), PageSize, cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscription>> UpdateSubscriptionAsync(
        string subscriptionId, PaddleSubscriptionChange change, CancellationToken cancellationToken) =>
        ChangeAsync(HttpMethod.Patch, subscriptionId, string.Empty, Checked(change), cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscriptionPreview>> PreviewSubscriptionAsync(
        string subscriptionId, PaddleSubscriptionChange change, CancellationToken cancellationToken) =>
        transport.AskAsync<PaddleSubscriptionChange, PaddleSubscriptionPreview>(
            HttpMethod.Patch, $"subscriptions/{Id(subscriptionId)}/preview", Checked(change), cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscription>> RemoveScheduledChangeAsync(string subscriptionId, CancellationToken cancellationToken) =>
        ChangeAsync(HttpMethod.Patch, subscriptionId, string.Empty, new PaddleScheduledChangeRemoval(), cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscription>> PauseSubscriptionAsync(
        string subscriptionId, PaddlePause pause, CancellationToken cancellationToken) =>
        ChangeAsync(HttpMethod.Post, subscriptionId, "/pause", pause, cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscription>> ResumeSubscriptionAsync(
        string subscriptionId, PaddleResume resume, CancellationToken cancellationToken) =>
        ChangeAsync(HttpMethod.Post, subscriptionId, "/resume", resume, cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscription>> CancelSubscriptionAsync(
        string subscriptionId, string effectiveFrom, CancellationToken cancellationToken) =>
        ChangeAsync(HttpMethod.Post, subscriptionId, "/cancel", new PaddleCancellation(effectiveFrom), cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleSubscription>> ActivateSubscriptionAsync(string subscriptionId, CancellationToken cancellationToken) =>
        ChangeAsync(HttpMethod.Post, subscriptionId, "/activate", Nothing, cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleTransaction>> GetPaymentMethodTransactionAsync(string subscriptionId, CancellationToken cancellationToken) =>
        transport.GetAsync<PaddleTransaction>($"subscriptions/{Id(subscriptionId)}/update-payment-method-transaction", cancellationToken);

    private Task<PaddleResult<PaddleSubscription>> ChangeAsync<TRequest>(
        HttpMethod method, string subscriptionId, string action, TRequest body, CancellationToken cancellationToken) =>
        transport.ChangeAsync<TRequest, PaddleSubscription>(method, $"subscriptions/{Id(subscriptionId)}{action}", body, cancellationToken);

    private static PaddleSubscriptionChange Checked(PaddleSubscriptionChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change.Items is { Count: 0 })
        {
            throw new ArgumentException("A subscription cannot be left without lines; cancel it instead.", nameof(change));
        }

        return change is { ProrationBillingMode: null, Items: not null } or { ProrationBillingMode: null, NextBilledAt: not null }
            ? throw new ArgumentException("A change of lines or of the date says how it is charged: Paddle has no default.", nameof(change))
            : change;
    }
}
