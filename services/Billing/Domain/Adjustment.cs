namespace BotGeneric.Billing.Domain;

/// <summary>Money given back or taken back after a transaction, as the provider last described it: a refund, a credit, a chargeback, or the reverse of one.</summary>
public sealed class Adjustment
{
    private Adjustment()
    {
    }

    /// <summary>Paddle's id, <c>adj_…</c>.</summary>
    public string PaddleId { get; private set; } = string.Empty;

    /// <summary>The account that had paid, when it is known.</summary>
    public Guid? AccountId { get; private set; }

    /// <summary>What is known of it.</summary>
    public AdjustmentState State { get; private set; } = AdjustmentState.Unknown;

    /// <summary>Whether the other services were told that the money was given back.</summary>
    public bool IsAnnounced { get; private set; }

    /// <summary>How much of it they were told has come back since, in the smallest unit of its currency.</summary>
    public long AnnouncedReturn { get; private set; }

    /// <summary>The provider's time of the last event that was applied, UTC, to the microsecond.</summary>
    public DateTimeOffset LastEventAt { get; private set; }

    /// <summary>The provider's time of the last change that is known, UTC, to the microsecond.</summary>
    public DateTimeOffset LastUpdatedAt { get; private set; }

    /// <summary>The last event that was applied.</summary>
    public string LastEventId { get; private set; } = string.Empty;

    /// <summary>The version of the snapshot that is held.</summary>
    public SnapshotVersion SnapshotVersion => new(LastEventAt, LastUpdatedAt, (int)State.Status, LastEventId);

    /// <summary>Starts to mirror an adjustment.</summary>
    /// <param name="paddleId">Paddle's id.</param>
    /// <returns>The adjustment, of which nothing is known.</returns>
    public static Adjustment Track(string paddleId) => new()
    {
        PaddleId = paddleId,
        LastEventAt = SnapshotVersion.None.OccurredAt,
        LastUpdatedAt = SnapshotVersion.None.UpdatedAt,
    };

    /// <summary>Takes over what the provider says. Safe to repeat and to do in any order.</summary>
    /// <param name="version">Which snapshot it is.</param>
    /// <param name="state">The provider's description.</param>
    /// <returns>Whether it was taken over.</returns>
    public bool Apply(SnapshotVersion version, AdjustmentState state)
    {
        ArgumentNullException.ThrowIfNull(state);
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

    /// <summary>Notes that the others were told.</summary>
    public void Announce() => IsAnnounced = true;

    /// <summary>Notes that the others were told how much has come back.</summary>
    /// <param name="total">All of it so far, in the smallest unit of its currency.</param>
    public void AnnounceReturn(long total) => AnnouncedReturn = total;
}

/// <summary>The states of an adjustment, in the order in which they lead to its end.</summary>
public enum AdjustmentStatus
{
    /// <summary>A state of the provider's that this version does not know; the raw value is kept.</summary>
    Unknown,

    /// <summary>The provider has not decided. Nothing was given back.</summary>
    PendingApproval,

    /// <summary>The money is given back.</summary>
    Approved,

    /// <summary>The provider has refused.</summary>
    Rejected,

    /// <summary>It was given back and taken again.</summary>
    Reversed,
}

/// <summary>An adjustment as the provider describes it at one moment. Amounts are in the smallest unit of <paramref name="Currency"/>.</summary>
/// <param name="Status">The local state.</param>
/// <param name="RawStatus">The provider's own word.</param>
/// <param name="Action">The provider's word: <c>refund</c>, <c>credit</c>, <c>chargeback</c>, <c>chargeback_reverse</c>, <c>chargeback_warning</c>…</param>
/// <param name="Type"><c>full</c> or <c>partial</c>.</param>
/// <param name="TransactionId">Of what, <c>txn_…</c>.</param>
/// <param name="SubscriptionId">Of which subscription, <c>sub_…</c>, if any.</param>
/// <param name="CustomerId">The payer, <c>ctm_…</c>.</param>
/// <param name="Reason">Why, as it was given.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Subtotal">Before tax.</param>
/// <param name="Tax">Tax.</param>
/// <param name="Total">With tax.</param>
/// <param name="CreatedAt">When it was begun, UTC.</param>
public sealed record AdjustmentState(
    AdjustmentStatus Status,
    string RawStatus,
    string Action,
    string Type,
    string TransactionId,
    string? SubscriptionId,
    string CustomerId,
    string? Reason,
    string Currency,
    long Subtotal,
    long Tax,
    long Total,
    DateTimeOffset CreatedAt)
{
    /// <summary>Whether it is credit that waits on the payer's balance for later payments.</summary>
    public bool GoesToBalance { get; init; }

    /// <summary>Whether money has changed hands by it, perhaps to come back since. A warning announces a chargeback and is none; what was reversed was approved
    /// before; credit on the payer's balance lowers later payments, which say so themselves.</summary>
    public bool IsMoneyMoved =>
        Status is AdjustmentStatus.Approved or AdjustmentStatus.Reversed
        && !Action.StartsWith("chargeback_warning", StringComparison.Ordinal)
        && !GoesToBalance;

    /// <summary>Whether it takes back what another adjustment gave: the money is the operator's again.</summary>
    public bool IsReverse => Action.EndsWith("_reverse", StringComparison.Ordinal);

    /// <summary>The same without what somebody has written, perhaps about the person.</summary>
    /// <returns>For a payer who was erased.</returns>
    public AdjustmentState WithoutReason() => this with { Reason = null };

    /// <summary>What is known before the first snapshot.</summary>
    public static AdjustmentState Unknown { get; } = new(
        AdjustmentStatus.Unknown, string.Empty, string.Empty, string.Empty, string.Empty, null, string.Empty, null, "USD", 0, 0, 0, DateTimeOffset.MinValue);
}
