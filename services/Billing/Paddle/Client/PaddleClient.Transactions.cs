namespace BotGeneric.Billing.Paddle.Client;

internal sealed partial class PaddleClient
{
    /// <inheritdoc />
    public Task<PaddleResult<PaddleTransaction>> CreateTransactionAsync(
        PaddleTransactionCreation transaction, CancellationToken cancellationToken) =>
        transport.ChangeAsync<PaddleTransactionCreation, PaddleTransaction>(HttpMethod.Post, "transactions", transaction, cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleTransaction>> GetTransactionAsync(string transactionId, CancellationToken cancellationToken) =>
        transport.GetAsync<PaddleTransaction>($"transactions/{Id(transactionId)}", cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleTransaction> ListTransactionsAsync(PaddleTransactionFilter? filter, CancellationToken cancellationToken) =>
        transport.ListAsync<PaddleTransaction>(
            "transactions", (filter ?? new PaddleTransactionFilter()).ToQuery(), TransactionPageSize, cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleTransaction>> UpdateTransactionAsync(
        string transactionId, PaddleTransactionChange change, CancellationToken cancellationToken) =>
        transport.ChangeAsync<PaddleTransactionChange, PaddleTransaction>(
            HttpMethod.Patch, $"transactions/{Id(transactionId)}", change, cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleDocument>> GetInvoiceAsync(string transactionId, CancellationToken cancellationToken) =>
        transport.GetAsync<PaddleDocument>($"transactions/{Id(transactionId)}/invoice", cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleAdjustment>> RefundAsync(PaddleRefund refund, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(refund);
        var creation = new PaddleAdjustmentCreation(
            PaddleAdjustmentActions.Refund, refund.Items is null ? "full" : "partial", refund.TransactionId, refund.Reason, ToItems(refund.Items));
        return transport.ChangeAsync<PaddleAdjustmentCreation, PaddleAdjustment>(HttpMethod.Post, "adjustments", creation, cancellationToken);
    }

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleAdjustment> ListAdjustmentsAsync(PaddleAdjustmentFilter? filter, CancellationToken cancellationToken) =>
        transport.ListAsync<PaddleAdjustment>(
            "adjustments", (filter ?? new PaddleAdjustmentFilter()).ToQuery(), AdjustmentPageSize, cancellationToken);

    private static PaddleAdjustmentItemCreation[]? ToItems(IReadOnlyList<PaddleRefundItem>? items)
    {
        if (items is { Count: 0 } || items?.Any(item => item.Amount is <= 0) is true)
        {
            throw new ArgumentException("A partial refund names lines, and amounts above zero.", nameof(items));
        }

        return items is null
            ? null
            : [.. items.Select(item => item.Amount is { } amount
                ? new PaddleAdjustmentItemCreation(item.ItemId, "partial", PaddleAmount.FromMinorUnits(amount))
                : new PaddleAdjustmentItemCreation(item.ItemId, "full", null))];
    }
}
