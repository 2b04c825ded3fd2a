namespace BotGeneric.Contracts.Billing.V1;

/// <summary>
/// A transaction is paid and done. Said once for each transaction, also for those of nothing (a trial's begin, a changed way to pay), which
/// <see cref="CountsAsRevenue"/> tells apart.
/// </summary>
public sealed record PaymentCompleted : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <summary>When the money was taken, by the payment provider's clock, UTC; where it does not say that, when it was completed.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The payment provider's id of the transaction.</summary>
    public required string TransactionId { get; init; }

    /// <summary>The account that has paid.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The subscription that it pays for, as this system numbers it; null for what is paid once.</summary>
    public Guid? SubscriptionId { get; init; }

    /// <summary>The plan that was paid for; null when its price belongs to none that is known.</summary>
    public string? PlanCode { get; init; }

    /// <summary>The provider's word for what made the transaction, such as <c>subscription_recurring</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>What was paid: exact, with tax, after discounts and credit, in units of <see cref="Currency"/> such as dollars.</summary>
    public required decimal Amount { get; init; }

    /// <summary>The tax in it, without that of what credit has paid for.</summary>
    public required decimal Tax { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>Whether it is money that was earned: not a change of the way to pay, and more than nothing.</summary>
    public required bool CountsAsRevenue { get; init; }

    /// <summary>Start of the period that it pays for, UTC.</summary>
    public DateTimeOffset? PeriodStart { get; init; }

    /// <summary>End of it, exclusive, UTC.</summary>
    public DateTimeOffset? PeriodEnd { get; init; }

    /// <summary>The number of the invoice.</summary>
    public string? InvoiceNumber { get; init; }
}

/// <summary>An attempt to get a payment has failed. Said once for each attempt; a first payment that is declined leads to none of the states of a subscription.</summary>
public sealed record PaymentFailed : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <summary>When it failed, by the payment provider's clock, UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The payment provider's id of the transaction.</summary>
    public required string TransactionId { get; init; }

    /// <summary>The account that was to pay.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The subscription, as this system numbers it; null for a first payment.</summary>
    public Guid? SubscriptionId { get; init; }

    /// <summary>The provider's word for what made the transaction, such as <c>subscription_recurring</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>What was to be paid, with tax, in units of <see cref="Currency"/>.</summary>
    public required decimal Amount { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>The provider's word for why, such as <c>declined</c>; null when it did not say.</summary>
    public string? ErrorCode { get; init; }
}

/// <summary>
/// Money was given back, or taken back by the payer's bank, or has come back from there. Said once for each refund, credit or chargeback that the provider has
/// approved, and once more with a negative amount when that is reversed. The sum of the amounts is right whatever the order in which they are heard, each
/// <see cref="EventId"/> counted once. Not said of credit on the payer's balance, which lowers the amounts of later payments, nor of warnings of a chargeback.
/// </summary>
public sealed record PaymentRefunded : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <summary>When it was approved or reversed, by the payment provider's clock, UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The payment provider's id of the adjustment that has given or taken the money, also where it has come back.</summary>
    public required string AdjustmentId { get; init; }

    /// <summary>The payment provider's id of the transaction.</summary>
    public required string TransactionId { get; init; }

    /// <summary>The account that had paid.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The subscription, as this system numbers it, if it was for one.</summary>
    public Guid? SubscriptionId { get; init; }

    /// <summary>The provider's word: <c>refund</c>, <c>credit</c>, <c>chargeback</c>; with <c>_reverse</c> where it has come back.</summary>
    public required string Action { get; init; }

    /// <summary>How much, with tax, in units of <see cref="Currency"/>; negative where it was reversed and the money is the operator's again.</summary>
    public required decimal Amount { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }
}

/// <summary>A plan was made, has new terms, or is offered in another way. It is a snapshot; of two, the one of the higher <see cref="Revision"/> counts.</summary>
public sealed record PlanChanged : IIntegrationEvent
{
    /// <inheritdoc />
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The plan's stable name.</summary>
    public required string PlanCode { get; init; }

    /// <summary>The version of its terms.</summary>
    public required int Version { get; init; }

    /// <summary>Grows by one with each change, also of what is no term.</summary>
    public required long Revision { get; init; }

    /// <summary>Its name by language: <c>en</c>, and where there are <c>ru</c> and <c>uk</c>.</summary>
    public required IReadOnlyDictionary<string, string> Names { get; init; }

    /// <summary><c>public</c>, <c>hidden</c> or <c>archived</c>.</summary>
    public required string Visibility { get; init; }

    /// <summary>What it allows those who subscribe from now on.</summary>
    public required IReadOnlyList<Entitlement> Entitlements { get; init; }
}
