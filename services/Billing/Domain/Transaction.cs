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

    /// <summary>When it was completed, UTC: when the money was taken or, where nobody says that, when the provider first said that it was completed.</summary>
    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>Whether the other services were told that it was paid.</summary>
    public bool IsPaymentAnnounced { get; private set; }

    /// <summary>Every attempt to pay that failed, in the order of their moments.</summary>
    public IReadOnlyList<PaymentFailure> Failures { get; private set; } = [];

    /// <summary>The checkout of ours that made it, or made what it is a renewal of; null when none is known.</summary>
    public Guid? CheckoutId { get; private set; }

    /// <summary>The account that this checkout was for when it was begun. It may have become part of another one since.</summary>
    public Guid? ClaimedAccountId { get; private set; }

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
    /// moment of completion, which is the earliest that was ever said. What is completed stays so: the provider has been seen to say "paid" after it.
    /// </summary>
    /// <param name="version">Which snapshot it is.</param>
    /// <param name="state">The provider's description.</param>
    /// <param name="paidAt">
    /// When the money was taken, as the snapshot says, UTC, to the microsecond; null when it does not. A snapshot may be of much later: one that a comparison reads, or
    /// that says that an invoice was revised.
    /// </param>
    /// <returns>Whether it was taken over.</returns>
    public bool Apply(SnapshotVersion version, TransactionState state, DateTimeOffset? paidAt)
    {
        ArgumentNullException.ThrowIfNull(state);
        var completedAt = paidAt < version.OccurredAt ? paidAt.Value : version.OccurredAt;
        if (state.Status == TransactionStatus.Completed && !(CompletedAt <= completedAt))
        {
            CompletedAt = completedAt;
        }

        var wasCompleted = State.Status == TransactionStatus.Completed;
        var isCompleted = state.Status == TransactionStatus.Completed;
        if (wasCompleted == isCompleted ? version <= SnapshotVersion : wasCompleted)
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

    /// <summary>Notes attempts that failed. Safe to repeat: an attempt fails once.</summary>
    /// <param name="failures">The attempts that a snapshot names.</param>
    public void NoteFailures(IEnumerable<PaymentFailure> failures)
    {
        var news = failures.DistinctBy(failure => failure.AttemptId).ExceptBy(Failures.Select(failure => failure.AttemptId), failure => failure.AttemptId).ToList();
        if (news.Count > 0)
        {
            Failures = [.. Failures.Concat(news).OrderBy(failure => failure.FailedAt).ThenBy(failure => failure.AttemptId, StringComparer.Ordinal)];
        }
    }

    /// <summary>Notes that the others were told of every failed attempt.</summary>
    public void AnnounceFailures() => Failures = [.. Failures.Select(failure => failure with { IsAnnounced = true })];

    /// <summary>
    /// Notes that one of our checkouts says whose it is. Of several the first one counts, so that the order in which they are heard of does not. Safe to repeat.
    /// </summary>
    /// <param name="checkoutId">The checkout.</param>
    /// <param name="accountId">The account that it was for.</param>
    public void Claim(Guid checkoutId, Guid accountId)
    {
        if (CheckoutId is null || checkoutId.CompareTo(CheckoutId.Value) < 0)
        {
            (CheckoutId, ClaimedAccountId) = (checkoutId, accountId);
        }
    }
}

/// <summary>An attempt to pay that failed.</summary>
/// <param name="AttemptId">The provider's id of the attempt.</param>
/// <param name="FailedAt">When it was made, UTC.</param>
/// <param name="Amount">What was to be paid, in the smallest unit of the transaction's currency.</param>
/// <param name="ErrorCode">The provider's word for why, such as <c>declined</c>.</param>
/// <param name="IsAnnounced">Whether the other services were told.</param>
public sealed record PaymentFailure(string AttemptId, DateTimeOffset FailedAt, long Amount, string? ErrorCode, bool IsAnnounced);

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

/// <summary>The amounts of a transaction, in the smallest unit of its currency.</summary>
/// <param name="Subtotal">Before discount and tax.</param>
/// <param name="Discount">Taken off.</param>
/// <param name="Tax">Tax.</param>
/// <param name="Total">With discount and tax.</param>
/// <param name="Credit">Paid from credit.</param>
/// <param name="CreditToBalance">Given as credit.</param>
/// <param name="Balance">Still to be paid.</param>
/// <param name="GrandTotal">To be paid or paid after credit.</param>
/// <param name="GrandTotalTax">The tax within the grand total: of what credit paid for, tax was paid with that credit.</param>
/// <param name="Fee">What the provider keeps; null until it is known.</param>
/// <param name="Earnings">What the operator gets; null until it is known.</param>
public sealed record TransactionTotals(
    long Subtotal, long Discount, long Tax, long Total, long Credit, long CreditToBalance, long Balance, long GrandTotal, long GrandTotalTax, long? Fee,
    long? Earnings)
{
    /// <summary>Nothing.</summary>
    public static TransactionTotals None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, null, null);

    /// <summary>The tax within the grand total, where nobody has said it: as much of the tax as is paid of the total.</summary>
    /// <param name="tax">The tax of the total.</param>
    /// <param name="total">The total.</param>
    /// <param name="grandTotal">What is paid of it.</param>
    /// <returns>The part, to the smallest unit, halves away from zero.</returns>
    public static long ShareOfTax(long tax, long total, long grandTotal)
    {
        if (total == 0)
        {
            return 0;
        }

        var (whole, rest) = Int128.DivRem((Int128)tax * grandTotal, total);
        var isHalfOrMore = Int128.Abs(rest) * 2 >= Int128.Abs(total);
        return (long)(isHalfOrMore ? whole + (Int128.Sign(rest) * Math.Sign(total)) : whole);
    }
}
