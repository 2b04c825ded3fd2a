namespace BotGeneric.Billing.Domain;

/// <summary>The local states of a transaction, in the order in which they lead to its end.</summary>
public enum TransactionStatus
{
    /// <summary>A state of the provider's that this version does not know; the raw value is kept.</summary>
    Unknown,

    /// <summary>Begun; something is missing before it can be paid.</summary>
    Draft,

    /// <summary>Can be paid.</summary>
    Ready,

    /// <summary>An invoice was issued.</summary>
    Billed,

    /// <summary>A renewal that was not paid; the provider is still trying.</summary>
    PastDue,

    /// <summary>Paid; the provider is still working on it.</summary>
    Paid,

    /// <summary>Paid and done.</summary>
    Completed,

    /// <summary>Will not be paid.</summary>
    Canceled,
}

/// <summary>A payment at the provider, or an attempt to get one, as the provider last described it.</summary>
public sealed class Transaction
{
    private Transaction()
    {
    }

    /// <summary>Paddle's id, <c>txn_…</c>.</summary>
    public string PaddleId { get; private set; } = string.Empty;

    /// <summary>The account that pays, when it is known.</summary>
    public Guid? AccountId { get; private set; }

    /// <summary>What is known of it.</summary>
    public TransactionState State { get; private set; } = TransactionState.Unknown;

    /// <summary>When the provider first said that it was completed, UTC.</summary>
    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>Whether the other services were told that it was paid.</summary>
    public bool IsPaymentAnnounced { get; private set; }

    /// <summary>The last failed attempt to pay that the other services were told of.</summary>
    public string? AnnouncedFailure { get; private set; }

    /// <summary>The provider's time of the last event that was applied, UTC, to the microsecond.</summary>
    public DateTimeOffset LastEventAt { get; private set; }

    /// <summary>The provider's time of the last change that is known, UTC, to the microsecond.</summary>
    public DateTimeOffset LastUpdatedAt { get; private set; }

    /// <summary>The last event that was applied.</summary>
    public string LastEventId { get; private set; } = string.Empty;

    /// <summary>The version of the snapshot that is held.</summary>
    public SnapshotVersion SnapshotVersion => new(LastEventAt, LastUpdatedAt, (int)State.Status, LastEventId);

    /// <summary>Starts to mirror a transaction.</summary>
    /// <param name="paddleId">Paddle's id.</param>
    /// <returns>The transaction, of which nothing is known.</returns>
    public static Transaction Track(string paddleId) => new()
    {
        PaddleId = paddleId,
        LastEventAt = SnapshotVersion.None.OccurredAt,
        LastUpdatedAt = SnapshotVersion.None.UpdatedAt,
    };

    /// <summary>
    /// Takes over what the provider says. Safe to repeat and to do in any order: a snapshot that is not later than the one held changes nothing but the
    /// moment of completion, which is the earliest that was ever said.
    /// </summary>
    /// <param name="version">Which snapshot it is.</param>
    /// <param name="state">The provider's description.</param>
    /// <returns>Whether it was taken over.</returns>
    public bool Apply(SnapshotVersion version, TransactionState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Status == TransactionStatus.Completed && !(CompletedAt <= version.OccurredAt))
        {
            CompletedAt = version.OccurredAt;
        }

        if (version <= SnapshotVersion)
        {
            return false;
        }

        (LastEventAt, LastUpdatedAt, LastEventId) = (version.OccurredAt, version.UpdatedAt, version.EventId);
        State = state;
        return true;
    }

    /// <summary>Belongs to an account.</summary>
    /// <param name="accountId">The account.</param>
    public void MoveTo(Guid accountId) => AccountId = accountId;

    /// <summary>Notes that the others were told of the payment.</summary>
    public void AnnouncePayment() => IsPaymentAnnounced = true;

    /// <summary>Notes that the others were told of a failed attempt.</summary>
    /// <param name="attempt">The attempt.</param>
    public void AnnounceFailure(string attempt) => AnnouncedFailure = attempt;
}

/// <summary>A transaction as the provider describes it at one moment. Times are UTC; amounts are in the smallest unit of <paramref name="Currency"/>.</summary>
/// <param name="Status">The local state.</param>
/// <param name="RawStatus">The provider's own word.</param>
/// <param name="CustomerId">The payer, <c>ctm_…</c>; null before a checkout knows one.</param>
/// <param name="SubscriptionId">The subscription, <c>sub_…</c>; null before it exists, and for what is paid once.</param>
/// <param name="Origin">The provider's word for what made it, such as <c>subscription_recurring</c>.</param>
/// <param name="CollectionMode">The provider's word: <c>automatic</c> or <c>manual</c>.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Items">What is paid for.</param>
/// <param name="PeriodStart">Start of the period that it pays for.</param>
/// <param name="PeriodEnd">End of it, exclusive.</param>
/// <param name="InvoiceId">The provider's invoice.</param>
/// <param name="InvoiceNumber">Its number, as people read it.</param>
/// <param name="CreatedAt">When it was begun.</param>
/// <param name="BilledAt">When it was billed.</param>
/// <param name="FailedAttempt">The last attempt to pay, when that failed.</param>
/// <param name="PaymentErrorCode">The provider's word for why it failed.</param>
public sealed record TransactionState(
    TransactionStatus Status,
    string RawStatus,
    string? CustomerId,
    string? SubscriptionId,
    string Origin,
    string CollectionMode,
    string Currency,
    IReadOnlyList<SubscriptionItem> Items,
    DateTimeOffset? PeriodStart,
    DateTimeOffset? PeriodEnd,
    string? InvoiceId,
    string? InvoiceNumber,
    DateTimeOffset CreatedAt,
    DateTimeOffset? BilledAt,
    string? FailedAttempt,
    string? PaymentErrorCode)
{
    /// <summary>Its amounts.</summary>
    public required TransactionTotals Totals { get; init; }

    /// <summary>What is known before the first snapshot.</summary>
    public static TransactionState Unknown { get; } = new(
        TransactionStatus.Unknown, string.Empty, null, null, string.Empty, string.Empty, "USD", [], null, null, null, null,
        DateTimeOffset.MinValue, null, null, null)
    { Totals = TransactionTotals.None };
}

/// <summary>The amounts of a transaction, in the smallest unit of its currency; fee and earnings in that of the payout.</summary>
/// <param name="Subtotal">Before discount and tax.</param>
/// <param name="Discount">Taken off.</param>
/// <param name="Tax">Tax.</param>
/// <param name="Total">With discount and tax.</param>
/// <param name="Credit">Paid from credit.</param>
/// <param name="CreditToBalance">Given as credit.</param>
/// <param name="Balance">Still to be paid.</param>
/// <param name="GrandTotal">To be paid or paid after credit.</param>
/// <param name="Fee">What the provider keeps; null until it is known.</param>
/// <param name="Earnings">What the operator gets; null until it is known.</param>
public sealed record TransactionTotals(
    long Subtotal, long Discount, long Tax, long Total, long Credit, long CreditToBalance, long Balance, long GrandTotal, long? Fee, long? Earnings)
{
    /// <summary>Nothing.</summary>
    public static TransactionTotals None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, null, null);
}
