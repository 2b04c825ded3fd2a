namespace BotGeneric.Billing.Domain;

/// <summary>A payer at the provider, and the account of ours that they pay for.</summary>
/// <param name="paddleId">Paddle's id, <c>ctm_…</c>.</param>
/// <param name="accountId">The account.</param>
/// <param name="createdAt">When the link was made, UTC.</param>
public sealed class Customer(string paddleId, Guid accountId, DateTimeOffset createdAt)
{
    /// <summary>Paddle's id, <c>ctm_…</c>.</summary>
    public string PaddleId { get; private set; } = paddleId;

    /// <summary>
    /// The account that the customer pays for. What a browser sends later cannot move a subscription; it changes only when the account becomes part of
    /// another one.
    /// </summary>
    public Guid AccountId { get; private set; } = accountId;

    /// <summary>When the link was made, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private set; } = createdAt;

    /// <summary>Pays for another account, of which the one before became part.</summary>
    /// <param name="accountId">The account.</param>
    public void MoveTo(Guid accountId) => AccountId = accountId;
}
