using System.Text.Json.Serialization;

namespace BotGeneric.Billing.Paddle.Client;

/// <summary>
/// Whole lists in an order in which reading can be taken up again: by id, ascending, from the one that was read last. What is created meanwhile comes at the end.
/// What cannot be read stands at its place. Every list throws <see cref="PaddleException"/> when a page cannot be read.
/// </summary>
public interface IPaddleBackfill
{
    /// <summary>Lists customers, also archived ones. Paddle cannot filter them by time.</summary>
    /// <param name="afterId">After this one; null: from the first.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    IAsyncEnumerable<PaddleListed<PaddleCustomer>> CustomersAsync(string? afterId, CancellationToken cancellationToken = default);

    /// <summary>Lists subscriptions in every state. Paddle cannot filter them by time.</summary>
    /// <param name="afterId">After this one; null: from the first.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    IAsyncEnumerable<PaddleListed<PaddleSubscription>> SubscriptionsAsync(string? afterId, CancellationToken cancellationToken = default);

    /// <summary>Lists transactions.</summary>
    /// <param name="updatedAfter">Changed later than this; null: all.</param>
    /// <param name="afterId">After this one; null: from the first.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    IAsyncEnumerable<PaddleListed<PaddleTransaction>> TransactionsAsync(DateTimeOffset? updatedAfter, string? afterId, CancellationToken cancellationToken = default);

    /// <summary>Lists adjustments. Paddle cannot filter them by time.</summary>
    /// <param name="afterId">After this one; null: from the first.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    IAsyncEnumerable<PaddleListed<PaddleAdjustment>> AdjustmentsAsync(string? afterId, CancellationToken cancellationToken = default);
}

/// <summary>Takes the trial away from a price, for which Paddle wants a null.</summary>
public interface IPaddleTrialRemoval
{
    /// <summary>Takes it away. Who is in a trial stays in it.</summary>
    /// <param name="priceId"><c>pri_…</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<PaddleResult<PaddlePrice>> RemoveTrialAsync(string priceId, CancellationToken cancellationToken);
}

/// <inheritdoc cref="IPaddleBackfill" />
/// <param name="transport">Sends.</param>
internal sealed class PaddleBackfill(PaddleTransport transport) : IPaddleBackfill, IPaddleTrialRemoval
{
    private const int PageSize = 200;
    private const int TransactionPageSize = 30;
    private const int AdjustmentPageSize = 50;

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleListed<PaddleCustomer>> CustomersAsync(string? afterId, CancellationToken cancellationToken) =>
        transport.ListEachAsync<PaddleCustomer>("customers", From(afterId).Add("status", "active,archived"), PageSize, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleListed<PaddleSubscription>> SubscriptionsAsync(string? afterId, CancellationToken cancellationToken) =>
        transport.ListEachAsync<PaddleSubscription>("subscriptions", From(afterId), PageSize, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleListed<PaddleTransaction>> TransactionsAsync(DateTimeOffset? updatedAfter, string? afterId, CancellationToken cancellationToken) =>
        transport.ListEachAsync<PaddleTransaction>("transactions", From(afterId).AddAfter("updated_at", updatedAfter), TransactionPageSize, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<PaddleListed<PaddleAdjustment>> AdjustmentsAsync(string? afterId, CancellationToken cancellationToken) =>
        transport.ListEachAsync<PaddleAdjustment>("adjustments", From(afterId), AdjustmentPageSize, cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddlePrice>> RemoveTrialAsync(string priceId, CancellationToken cancellationToken) =>
        transport.ChangeAsync<PaddleTrialRemoval, PaddlePrice>(HttpMethod.Patch, $"prices/{Uri.EscapeDataString(priceId)}", new PaddleTrialRemoval(), cancellationToken);

    private static PaddleQuery From(string? afterId) => new PaddleQuery().Add("order_by", "id[ASC]").Add("after", afterId);
}

/// <summary>What goes over the wire to take a trial away.</summary>
internal sealed record PaddleTrialRemoval
{
    /// <summary>Always null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public PaddleTrialPeriod? TrialPeriod => null;
}
